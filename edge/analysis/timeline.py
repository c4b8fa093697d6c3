"""What happened when in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol, TypeVar

import numpy as np

from edge.capture.files.tracks import SoundTrack
from edge.vocabulary import LABELS, NONE, Probabilities, Reading

__all__ = ["COLOURS", "FusedPoint", "Growing", "Timeline"]

Item = TypeVar("Item")

COLOURS: Final = dict(
    zip(
        (*LABELS, NONE),
        ("#d62728", "#8c6d31", "#9467bd", "#ffb000", "#1f77b4", "#17becf", "#7f7f7f", "#e8e8e8"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class FusedPoint:
    """The steadied estimate at `t` seconds; `sources` are the modalities it rests on."""

    t: float
    emotion: str
    confidence: float
    probabilities: Probabilities
    sources: tuple[str, ...]


class Growing(Protocol[Item]):
    """What is added to at its end and read from its start: a list, or something smaller."""

    def append(self, item: Item, /) -> None:
        """One more."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]: ...


@dataclass(slots=True)
class Timeline:
    """Everything read from one file, in order of time (seconds from its start)."""

    file: str
    duration: float | None = None
    frames_read: int = 0
    frames_with_face: int = 0
    faces: int = 0
    """Most faces seen at the same time."""
    unjudged: dict[str, int] = field(default_factory=dict)
    """Why faces were not judged, and in how many pictures."""
    speech_windows: int = 0
    damaged: bool = False
    sound_track: SoundTrack | None = None
    notes: tuple[str, ...] = ()
    face: Growing[Reading] = field(default_factory=list)
    speech: list[Reading] = field(default_factory=list)
    fused: Growing[FusedPoint] = field(default_factory=list)

    def shares(self) -> dict[str, float]:
        """Each emotion's share of the time in which there was one; empty when there was none.

        Every point of `fused` holds until the next; that of a picture, which has no length, stands alone.
        """
        seconds = dict.fromkeys(LABELS, 0.0)
        ends = [*(point.t for point in islice(self.fused, 1, None)), self.duration or 0.0]
        for point, end in zip(self.fused, ends, strict=False):
            if point.emotion in seconds:
                seconds[point.emotion] += 1.0 if self.duration is None else max(0.0, end - point.t)
        told = sum(seconds.values())
        return {label: round(own / told, 4) for label, own in seconds.items() if own} if told else {}

    def summary(self) -> dict[str, object]:
        """The prevailing emotion and the shares; `none` only when nothing was seen or heard.

        A file too short or too mixed for a steady mood has the emotion that is the most probable on average,
        and no shares.
        """
        shares = self.shares()
        prevailing = max(shares, key=shares.__getitem__) if shares else self._likeliest()
        return {"emotion": prevailing, "shares": shares}

    def _likeliest(self) -> str:
        """By the mean of what the senses said; `none` when they said nothing."""
        said = [point.probabilities for point in self.fused if point.sources]
        return LABELS[int(np.argmax(np.mean(said, axis=0)))] if said else NONE
