"""The last seven days of the history as the page shows them: hours, longest spells, what changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from edge.history.segments import Segment
from edge.history.summary import Summary, changes, clipped, summarise, week
from edge.kiosk.history_view import HourView, RoomWeekView, SpellView, WeekView
from edge.vocabulary import NONE

__all__ = ["WEEK", "week_view"]

WEEK: Final = 7 * 86_400.0


def week_view(segments: Sequence[Segment], now: float, zone: tzinfo | None = None) -> WeekView:
    """Of segments of two weeks until `now` (Unix seconds); the older one is for what changed."""
    newest = clipped(segments, now - WEEK, now)
    before = {one.room: one for one in summarise(clipped(segments, now - 2 * WEEK, now - WEEK))}
    return WeekView(
        rooms={one.room: _room(one, before.get(one.room), newest, zone) for one in summarise(newest)}
    )


def _room(
    summary: Summary, before: Summary | None, segments: Sequence[Segment], zone: tzinfo | None
) -> RoomWeekView:
    own = [one for one in segments if one.room == summary.room]
    spells = sorted(summary.longest.values(), key=lambda spell: -spell.seconds)
    moved = {} if before is None or not before.shares else changes(summary, before)
    return RoomWeekView(
        hours=[
            HourView(day=day, hour=hour, emotion=_prevailing(seconds))
            for (day, hour), seconds in sorted(week(own, zone).items())
        ],
        shares={emotion: round(share, 4) for emotion, share in summary.shares.items()},
        longest=[
            SpellView(emotion=one.emotion, since=one.start, seconds=round(one.seconds, 1)) for one in spells
        ],
        changes={emotion: round(by, 4) for emotion, by in moved.items()},
    )


def _prevailing(seconds: Mapping[str, float]) -> str:
    """What was felt longest in an hour; `none` where nobody was there."""
    felt = {emotion: lasted for emotion, lasted in seconds.items() if emotion != NONE}
    return max(felt, key=lambda emotion: felt[emotion]) if felt else NONE
