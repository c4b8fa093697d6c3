"""What the API tells of the past."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge.kiosk.answer import Answer, Moment, Share

__all__ = ["HistoryPoint", "HistoryView", "HourView", "RoomWeekView", "SpellView", "WeekView"]


class HistoryPoint(Answer):
    """A mood at a moment."""

    t: Moment
    """When."""
    emotion: str
    """The mood then."""
    confidence: Share
    """Its steadied probability then."""
    people: int
    """Confirmed faces then."""


class HistoryView(Answer):
    """Moods of the past."""

    rooms: dict[str, list[HistoryPoint]]
    """Points by room, the oldest first."""


class HourView(Answer):
    """An hour of the week, local time."""

    day: Annotated[int, Field(ge=0, le=6)]
    """0 is Monday."""
    hour: Annotated[int, Field(ge=0, le=23)]
    """From this hour to the next."""
    emotion: str
    """What was felt longest; `none` where nobody was there."""


class SpellView(Answer):
    """A mood that lasted."""

    emotion: str
    """Which."""
    since: Moment
    """When it began."""
    seconds: Annotated[float, Field(ge=0)]
    """How long it lasted."""


class RoomWeekView(Answer):
    """Seven days of one room."""

    hours: list[HourView]
    """Those of which something is known."""
    shares: dict[str, Share]
    """Of the time with a mood, by emotion, the greatest first."""
    longest: list[SpellView]
    """The longest spell of each emotion, the longest first."""
    changes: dict[str, Annotated[float, Field(ge=-1, le=1)]]
    """By how much shares rose or fell against the week before; empty without one."""


class WeekView(Answer):
    """The last seven days; nothing where no history is kept."""

    rooms: dict[str, RoomWeekView]
    """By room."""
