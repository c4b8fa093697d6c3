"""Times at which devices stay closed: `[DAYS ]HH:MM-HH:MM[ THINGS]`.

`22:00-07:00`, `mon-fri 08:00-16:00 camera`, `sat,sun 09:00-12:00 camera,microphone`. Days are those on
which the span begins; without days every day; without things camera and microphone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.config.hours import Hours, clock_text

__all__ = ["DAYS", "DEVICES", "SWITCHES", "Period", "check_period", "closed_by"]


DEVICES: Final = ("camera", "microphone")
SWITCHES: Final = (*DEVICES, "actions")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SHAPE: Final = re.compile(
    r"(?:(?P<days>[a-z]+(?:[-,][a-z]+)*)\s+)?"
    r"(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d)"
    r"(?:\s+(?P<things>[a-z, ]+))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A weekly span of time in which `things` are closed; `days` count from Monday = 0."""

    text: str
    days: frozenset[int]
    hours: Hours
    things: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Period:
        """ValueError says which part is wrong, with an example."""
        match = _SHAPE.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(f"{text!r} is not a span of time; write it as 'mon-fri 22:00-07:00 camera'")
        hours = Hours.parse(match["start"], match["end"])
        return cls(text.strip(), _days(match["days"]), hours, _things(match["things"]))

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


def closed_by(periods: Iterable[Period], thing: str, moment: datetime) -> Period | None:
    """The first span that closes a thing at this moment."""
    return next((period for period in periods if thing in period.things and period.contains(moment)), None)


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


def _things(text: str | None) -> frozenset[str]:
    if text is None:
        return frozenset(DEVICES)
    names = [name for name in re.split(r"[ ,]+", text) if name]
    for name in names:
        if name not in SWITCHES:
            raise ValueError(f"{name!r} cannot be closed; there are {', '.join(SWITCHES)}")
    return frozenset(names)
