"""Who speaks when: from frames of voice to stretches and turns of each speaker; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.frames import SECONDS

__all__ = ["Stretch", "Turn", "stretches", "turns", "voiced", "within"]

Mask = NDArray[np.bool_]

RELEASE: Final = 0.15
"""How far the probability of speech may fall below the threshold before a voice has ended."""

BREATH: Final = 0.3
"""Seconds of pause that do not interrupt a stretch of speech."""

SHORTEST: Final = 0.13
"""Seconds of voice below which it is a click and no speech."""

PAUSE: Final = 2.0
"""Seconds of silence after which the same speaker's next words are another turn."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a pause, in seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says until somebody else takes over or a long pause."""

    speaker: str
    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> float:
        """When it begins, in seconds."""
        return self.stretches[0].start

    @property
    def end(self) -> float:
        """When it ends, in seconds."""
        return self.stretches[-1].end

    @property
    def talk(self) -> float:
        """Seconds of speech in it."""
        return sum(stretch.seconds for stretch in self.stretches)


def voiced(speech: NDArray[np.float32], threshold: float) -> Mask:
    """Which frames are voice: above the threshold, and after that down to a little below it."""
    above, keeps = speech >= threshold, speech >= max(threshold - RELEASE, 0.01)
    mask = np.zeros(len(speech), np.bool_)
    on = False
    for index, (enter, stay) in enumerate(zip(above.tolist(), keeps.tolist(), strict=True)):
        on = enter or (on and stay)
        mask[index] = on
    return mask


def stretches(mask: Mask, ends: NDArray[np.float64]) -> list[Stretch]:
    """Voice with pauses of a breath bridged and clicks left out."""
    found: list[Stretch] = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start, end = float(ends[first]) - SECONDS, float(ends[last - 1])
        if found and start - found[-1].end <= BREATH:
            found[-1] = Stretch(found[-1].start, end)
        else:
            found.append(Stretch(start, end))
    return [stretch for stretch in found if stretch.seconds >= SHORTEST]


def turns(speech: Mapping[str, Sequence[Stretch]]) -> list[Turn]:
    """The turns of all speakers by their start; somebody else's words in a pause end a turn."""
    every = sorted(
        ((stretch, speaker) for speaker, own in speech.items() for stretch in own),
        key=lambda pair: pair[0].start,
    )
    open_turns: dict[str, list[Stretch]] = {}
    done: list[Turn] = []
    for stretch, speaker in every:
        over = [name for name, own in open_turns.items() if _over(own[-1], name, stretch, speaker)]
        done += [Turn(name, tuple(open_turns.pop(name))) for name in over]
        open_turns.setdefault(speaker, []).append(stretch)
    done += [Turn(speaker, tuple(own)) for speaker, own in open_turns.items()]
    return sorted(done, key=lambda turn: (turn.start, turn.speaker))


def _over(last: Stretch, name: str, stretch: Stretch, speaker: str) -> bool:
    """Whether the turn that `last` is the end of is over when `stretch` begins."""
    return stretch.start >= last.end + (PAUSE if name == speaker else 0.0)


def within(speech: Sequence[Stretch], ends: NDArray[np.float64]) -> Mask:
    """Which frames lie in the stretches."""
    mask = np.zeros(len(ends), np.bool_)
    for stretch in speech:
        first, last = np.searchsorted(ends, [stretch.start + SECONDS / 2, stretch.end + SECONDS / 2])
        mask[first:last] = True
    return mask
