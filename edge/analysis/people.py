"""What is told of each person of a film: when there, and what the face showed; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.analysis.packed import FaceReadings
from edge.analysis.verdicts import Look, Span, decide, span_document, summary
from edge.config.fusion import SmoothingConfig
from edge.vocabulary import Reading

__all__ = ["Person", "people"]

GAP: Final = 1.2
"""Seconds without a reading that belong to nobody's timeline."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One face under one number, from `first` to `last` in seconds; it says nothing about who it is."""

    number: int
    first: float
    last: float
    readings: int
    spans: tuple[Span, ...]

    def document(self) -> dict[str, object]:
        """The person's part of the JSON document."""
        return {
            "number": self.number,
            "first_s": round(self.first, 2),
            "last_s": round(self.last, 2),
            "readings": self.readings,
            "summary": summary(self.spans),
            "timeline": [span_document(span) for span in self.spans],
        }


def people(readings: FaceReadings, smoothing: SmoothingConfig, period: float) -> list[Person]:
    """Everybody who was judged, by number; `period` is the time in seconds that one picture stands for."""
    return [_person(number, readings.of(number), smoothing, period) for number in readings.tracks()]


def _person(number: int, readings: Iterator[Reading], smoothing: SmoothingConfig, period: float) -> Person:
    spans: list[Span] = []
    count, first, last = 0, None, 0.0
    for visit in _unbroken(readings):
        spans += decide(visit, visit[0].start, visit[-1].end + period, smoothing)
        first, last, count = visit[0].start if first is None else first, visit[-1].end, count + len(visit)
    return Person(number, first or 0.0, last, count, tuple(spans))


def _unbroken(readings: Iterator[Reading]) -> Iterator[list[Look]]:
    stretch: list[Look] = []
    for reading in readings:
        if stretch and reading.captured_at - stretch[-1].end > GAP:
            yield stretch
            stretch = []
        stretch.append(Look(reading.captured_at, reading.captured_at, reading.probabilities))
    if stretch:
        yield stretch
