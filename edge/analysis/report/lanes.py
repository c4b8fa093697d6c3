"""The lanes of a recording, as the page and all label files show them: one for each speaker and person."""

from __future__ import annotations

from dataclasses import dataclass

from edge.analysis.recording import Recording
from edge.analysis.timeline import FusedPoint, Growing
from edge.analysis.turns import Stretch
from edge.analysis.verdicts import Span, joined
from edge.vocabulary import LABELS

__all__ = ["Lane", "lanes"]

_HOLDS = 5.0


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose it is, what was shown when, and, for a speaker, when there was speech."""

    label: str
    spans: tuple[Span, ...]
    talk: tuple[Stretch, ...] = ()

    @property
    def told(self) -> list[Span]:
        """The spans with an emotion."""
        return [span for span in self.spans if span.emotion in LABELS]


def lanes(recording: Recording) -> list[Lane]:
    """The room's where there are pictures, then every person and every speaker."""
    found = []
    if recording.timeline.frames_read > 1:
        found.append(Lane("room", tuple(_room(recording.timeline.fused))))
    found += [Lane(f"person {person.number}", person.spans) for person in recording.people]
    found += [
        Lane(_speaker(speaker.id), speaker.spans, tuple(s for turn in speaker.turns for s in turn.stretches))
        for speaker in recording.speakers
    ]
    return found


def _speaker(name: str) -> str:
    return "voice" if name == "mix" else f"speaker {name}" if name.isdecimal() else name


def _room(points: Growing[FusedPoint]) -> list[Span]:
    starts = [point.t for point in points]
    ends = [*starts[1:], *starts[-1:]]
    return joined(
        Span(point.t, min(end, point.t + _HOLDS), point.emotion, point.confidence)
        for point, end in zip(points, ends, strict=True)
    )
