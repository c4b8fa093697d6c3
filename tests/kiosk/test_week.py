"""Seven days of history, as the page tells them."""

from kiosk.hub import NOW, UTC

from edge.history.segments import Segment
from edge.kiosk.week import week_view

HOUR = 3600.0
NOON = NOW - NOW % 86_400 - 12 * HOUR


def kept(start: float, hours: float, emotion: str, people: int = 1) -> Segment:
    return Segment("living", start, start + hours * HOUR, emotion, 0.8, people, "ok")


def test_an_hour_has_the_mood_that_lasted_longest_in_it() -> None:
    spans = [
        kept(NOON, 0.6, "happy"),
        kept(NOON + 0.6 * HOUR, 0.9, "sad"),
        kept(NOON + 5 * HOUR, 1, "none", 0),
    ]
    hours = week_view(spans, NOW, UTC).rooms["living"].hours
    assert [(one.hour, one.emotion) for one in hours] == [(12, "happy"), (13, "sad"), (17, "none")]


def test_shares_spells_and_changes_are_those_of_this_week_against_the_last() -> None:
    week = 7 * 24 * HOUR
    spans = [
        kept(NOON - week, 2, "happy"),
        kept(NOON - week + 2 * HOUR, 2, "sad"),
        kept(NOON, 3, "happy"),
        kept(NOON + 3 * HOUR, 1, "sad"),
    ]
    room = week_view(spans, NOW, UTC).rooms["living"]
    assert room.shares == {"happy": 0.75, "sad": 0.25}
    assert [(one.emotion, one.seconds) for one in room.longest] == [("happy", 3 * HOUR), ("sad", HOUR)]
    assert room.changes == {"happy": 0.25, "sad": -0.25}


def test_a_first_week_changes_nothing_and_none_at_all_is_no_room() -> None:
    assert week_view([kept(NOON, 1, "happy")], NOW, UTC).rooms["living"].changes == {}
    assert week_view([], NOW, UTC).rooms == {}
