"""Times at which devices stay closed: `[DAYS ]HH:MM-HH:MM[ THINGS][ room:ROOMS]`.

`22:00-07:00`, `mon-fri 08:00-16:00 camera`, `19:00-07:00 room:nursery`, `sat,sun 09:00-12:00 camera
room:nursery,office`. Days are those on which the span begins; without days every day; without things camera
and microphone; without rooms in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.config.base import also_written_as
from edge.config.hours import Hours, clock_text
from edge.config.spelling import did_you_mean

__all__ = [
    "DAYS",
    "DEVICES",
    "SWITCHES",
    "Period",
    "check_period",
    "closed_by",
    "schedule_problems",
    "span_text",
]


DEVICES: Final = ("camera", "microphone")
SWITCHES: Final = (*DEVICES, "actions")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SHAPE: Final = re.compile(
    r"(?:(?P<days>[a-z]+(?:[-,][a-z]+)*)\s+)?"
    r"(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d)"
    r"(?:\s+(?P<things>(?!room\s*:)[a-z]+(?:[ ,]+(?!room\s*:)[a-z]+)*))?"
    r"(?:\s+room\s*:\s*(?P<rooms>[a-z0-9_-]+(?:[ ,]+[a-z0-9_-]+)*))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A weekly span of time in which `things` are closed; `days` count from Monday = 0.

    Of `rooms` alone, where there are any, else everywhere.
    """

    text: str
    days: frozenset[int]
    hours: Hours
    things: frozenset[str]
    rooms: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Period:
        """ValueError says which part is wrong, with an example."""
        match = _SHAPE.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(f"{text!r} is not a span of time; write it as 'mon-fri 22:00-07:00 camera'")
        hours = Hours.parse(match["start"], match["end"])
        things, rooms = _things(match["things"]), _names(match["rooms"])
        if rooms and not things <= {*DEVICES}:
            raise ValueError(f"{text!r}: actions are of all rooms; give them a span without room")
        return cls(text.strip(), _days(match["days"]), hours, things, rooms)

    def closes(self, thing: str, room: str) -> bool:
        """Whether it is for this thing, in this room (empty: no room's)."""
        return thing in self.things and (not self.rooms or room in self.rooms)

    def contains(self, moment: datetime) -> bool:
        """Is the wall clock within this span?"""
        if not self.hours.contains(moment):
            return False
        minute = moment.hour * 60 + moment.minute
        began_yesterday = self.hours.over_midnight and minute < self.hours.end
        return (moment.weekday() - began_yesterday) % 7 in self.days

    @property
    def ends(self) -> str:
        """The time of the day at which it ends."""
        return clock_text(self.hours.end % (24 * 60))


def check_period(text: str) -> str:
    """The text itself if it is a span; else ValueError."""
    Period.parse(text)
    return text


@also_written_as(type="object", minProperties=1, maxProperties=1)
def span_text(value: object) -> object:
    """The span as text: `- 19:00-07:00 room: nursery` without quotes reaches us as a key and a value."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, rooms),) = value.items()
        listed = rooms if isinstance(rooms, list) else [rooms]
        if isinstance(key, str) and re.search(r"\sroom$", key.strip(), re.IGNORECASE):
            return f"{key.strip()}: {', '.join(map(str, listed))}"
    return value


def schedule_problems(schedule: Sequence[str], rooms: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Place in the schedule and message of every span for a room that there is not."""
    for place, text in enumerate(schedule):
        for room in Period.parse(text).rooms:
            if room not in rooms:
                known = f"; there are {', '.join(rooms)}" if rooms else "; this file has no rooms"
                yield str(place), f"there is no room {room!r}{did_you_mean(room, rooms) or known}"


def closed_by(periods: Iterable[Period], thing: str, moment: datetime, room: str = "") -> Period | None:
    """The first span that closes a thing, of a room where it is of one, at this moment."""
    return next((one for one in periods if one.closes(thing, room) and one.contains(moment)), None)


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(found)


def _day(name: str) -> int:
    if name not in DAYS:
        raise ValueError(f"{name!r} is not a day; days are {', '.join(DAYS)}")
    return DAYS.index(name)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[ ,]+", text or "") if name)


def _things(text: str | None) -> frozenset[str]:
    if text is None:
        return frozenset(DEVICES)
    names = _names(text)
    for name in names:
        if name not in SWITCHES:
            raise ValueError(f"{name!r} cannot be closed; there are {', '.join(SWITCHES)}")
    return frozenset(names)
