"""From one look a second to segments: spans in which mood, people and health stay the same. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

__all__ = ["Look", "Segment", "Segments"]

LONGEST: Final = 60.0
"""Seconds after which a segment ends though nothing changed, so that little is lost at a power cut."""
GAP: Final = 5.0
"""Seconds without a look that end a segment: the daemon was stopped, or the clock was set."""


@dataclass(frozen=True, slots=True)
class Look:
    """A room at one moment; `at` is Unix time in seconds."""

    at: float
    emotion: str
    confidence: float
    people: int
    health: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of one room in which nothing changed; Unix seconds, mean confidence."""

    room: str
    start: float
    end: float
    emotion: str
    confidence: float
    people: int
    health: str

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start

    def shifted(self, seconds: float) -> Segment:
        """The same, by another clock."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


class Segments:
    """Collects the looks at one room."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._open: Segment | None = None
        self._sum = 0.0
        self._count = 0

    def look(self, look: Look) -> Segment | None:
        """Take a look; the segment that it ended, if any."""
        done, current = None, self._open
        if current is not None and not _goes_on(current, look):
            done, current = self._finished(look), None
        if current is None:
            current = Segment(
                self._room, look.at, look.at, look.emotion, look.confidence, look.people, look.health
            )
            self._sum, self._count = 0.0, 0
        self._sum, self._count = self._sum + look.confidence, self._count + 1
        self._open = replace(current, end=look.at)
        return done

    def flush(self) -> Segment | None:
        """The segment in progress, ended here; None without one."""
        done, self._open = self._closed(self._open), None
        return done

    def _finished(self, look: Look) -> Segment | None:
        """A segment lasts until the look that ended it, unless there was a gap before."""
        current = self._open
        if current is not None and 0 <= look.at - current.end <= GAP:
            current = replace(current, end=look.at)
        return self._closed(current)

    def _closed(self, segment: Segment | None) -> Segment | None:
        if segment is None or segment.seconds <= 0:
            return None
        return replace(segment, confidence=round(self._sum / self._count, 3))


def _goes_on(segment: Segment, look: Look) -> bool:
    same = (segment.emotion, segment.people, segment.health) == (look.emotion, look.people, look.health)
    return same and 0 <= look.at - segment.end <= GAP and look.at - segment.start < LONGEST
