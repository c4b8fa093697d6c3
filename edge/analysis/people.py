"""What is told of each person of a film: when there, and what the face showed; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

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


def people(readings: Iterable[Reading], smoothing: SmoothingConfig, period: float) -> list[Person]:
    """Everybody who was judged, by number; `period` is the time in seconds that one picture stands for."""
    own: dict[int, list[Reading]] = {}
    for reading in readings:
        own.setdefault(reading.track or 0, []).append(reading)
    return [_person(number, own[number], smoothing, period) for number in sorted(own)]


def _person(number: int, readings: list[Reading], smoothing: SmoothingConfig, period: float) -> Person:
    spans: list[Span] = []
    for visit in _unbroken(readings):
        looks = [Look(one.captured_at, one.captured_at, one.probabilities) for one in visit]
        spans += decide(looks, looks[0].start, looks[-1].end + period, smoothing)
    first, last = readings[0].captured_at, readings[-1].captured_at
    return Person(number, first, last, len(readings), tuple(spans))


def _unbroken(readings: list[Reading]) -> Iterable[list[Reading]]:
    stretch: list[Reading] = []
    for reading in readings:
        if stretch and reading.captured_at - stretch[-1].captured_at > GAP:
            yield stretch
            stretch = []
        stretch.append(reading)
    yield stretch
