"""What the API tells of the past."""

from __future__ import annotations

from edge.kiosk.answer import Answer, Moment, Share

__all__ = ["HistoryPoint", "HistoryView"]


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
