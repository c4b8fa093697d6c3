"""What a span of history says: shares, the week by hour, the longest spells, what changed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from edge.history.segments import GAP, Segment
from edge.vocabulary import NONE

__all__ = ["Spell", "Summary", "changes", "clipped", "spells", "summarise", "week"]


@dataclass(frozen=True, slots=True)
class Spell:
    """The mood that lasted, whatever else changed; Unix seconds."""

    room: str
    emotion: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of one room over a span."""

    room: str
    seconds: float
    """Recorded at all."""
    with_people: float
    """Of them with somebody there."""
    unhealthy: float
    """Of them while health was not ok."""
    shares: dict[str, float]
    """Of the time in which there was a mood, by emotion."""
    longest: dict[str, Spell]
    """The longest spell of each emotion."""


def clipped(segments: Iterable[Segment], since: float, until: float) -> list[Segment]:
    """The parts of segments within a span."""
    return [
        Segment(
            one.room,
            max(one.start, since),
            min(one.end, until),
            one.emotion,
            one.confidence,
            one.people,
            one.health,
        )
        for one in segments
        if min(one.end, until) > max(one.start, since)
    ]


def summarise(segments: Sequence[Segment]) -> list[Summary]:
    """A summary of every room, in order of their names."""
    rooms = sorted({one.room for one in segments})
    return [_summary(room, [one for one in segments if one.room == room]) for room in rooms]


def _summary(room: str, segments: Sequence[Segment]) -> Summary:
    longest: dict[str, Spell] = {}
    for spell in spells(segments):
        if spell.emotion not in longest or spell.seconds > longest[spell.emotion].seconds:
            longest[spell.emotion] = spell
    return Summary(
        room=room,
        seconds=sum(one.seconds for one in segments),
        with_people=sum(one.seconds for one in segments if one.people),
        unhealthy=sum(one.seconds for one in segments if one.health != "ok"),
        shares=_shares(segments),
        longest=longest,
    )


def _shares(segments: Iterable[Segment]) -> dict[str, float]:
    counted: dict[str, float] = defaultdict(float)
    for one in segments:
        if one.emotion != NONE:
            counted[one.emotion] += one.seconds
    total = sum(counted.values())
    most_first = sorted(counted.items(), key=lambda item: -item[1])
    return {emotion: seconds / total for emotion, seconds in most_first}


def spells(segments: Iterable[Segment]) -> Iterator[Spell]:
    """Neighbouring segments of one room and emotion as one, in order."""
    current: dict[str, Spell] = {}
    for one in segments:
        before = current.get(one.room)
        if before is not None and before.emotion == one.emotion and one.start - before.end <= GAP:
            current[one.room] = Spell(one.room, one.emotion, before.start, one.end)
            continue
        if before is not None and before.emotion != NONE:
            yield before
        current[one.room] = Spell(one.room, one.emotion, one.start, one.end)
    yield from (spell for spell in current.values() if spell.emotion != NONE)


def week(segments: Iterable[Segment], zone: tzinfo | None) -> dict[tuple[int, int], dict[str, float]]:
    """Seconds of each emotion by local weekday (0 Monday) and hour."""
    cells: dict[tuple[int, int], dict[str, float]] = {}
    for one in segments:
        for start, end in _by_hour(one, zone):
            cell = cells.setdefault((start.weekday(), start.hour), defaultdict(float))
            cell[one.emotion] += (end - start).total_seconds()
    return cells


def _by_hour(segment: Segment, zone: tzinfo | None) -> Iterator[tuple[datetime, datetime]]:
    start, stop = (datetime.fromtimestamp(at, tz=zone) for at in (segment.start, segment.end))
    while start < stop:
        following = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        yield start, min(following, stop)
        start = following


def changes(now: Summary, before: Summary) -> dict[str, float]:
    """By how much the share of each emotion rose (or fell), the greatest change first."""
    emotions = now.shares.keys() | before.shares.keys()
    moved = {emotion: now.shares.get(emotion, 0.0) - before.shares.get(emotion, 0.0) for emotion in emotions}
    return dict(sorted(moved.items(), key=lambda item: -abs(item[1])))
