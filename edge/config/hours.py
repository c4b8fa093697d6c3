"""Times of the day, without a date: `22:00` to `07:00` reaches over midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

__all__ = ["Hours", "clock_text", "minute_of_day"]


_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def minute_of_day(text: object) -> int:
    """Minutes since midnight of `HH:MM` (`24:00` is the end of the day); ValueError says what is wrong.

    An unquoted 22:00 reaches us as the number 1320, because YAML 1.1 reads it in base sixty.
    """
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text <= 24 * 60:
        return text
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minutes <= 24 * 60:
        raise ValueError(f"{text!r} is not a time of the day; write it as '22:00'")
    return minutes


def clock_text(minutes: int) -> str:
    """`HH:MM` of minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` up to but not including `end`, in minutes since midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, start: object, end: object) -> Hours:
        """Of two times of the day; ValueError if they are the same."""
        hours = cls(minute_of_day(start), minute_of_day(end))
        if hours.start == 24 * 60:
            raise ValueError("a span begins at 00:00, not at 24:00")
        if hours.start == hours.end:
            raise ValueError(f"{start} to {end} is no time at all; for the whole day write 00:00 to 24:00")
        return hours

    @property
    def over_midnight(self) -> bool:
        """The end belongs to the next day."""
        return self.end < self.start

    def contains(self, moment: datetime) -> bool:
        """Is the wall clock within these hours?"""
        minute = moment.hour * 60 + moment.minute
        if self.over_midnight:
            return minute >= self.start or minute < self.end
        return self.start <= minute < self.end
