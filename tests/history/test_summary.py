from datetime import datetime, timezone

import pytest

from edge.history.segments import Segment
from edge.history.summary import changes, clipped, spells, summarise, week

MONDAY = datetime(2026, 11, 23, 9, 50, tzinfo=timezone.utc).timestamp()


def segment(start: float, end: float, emotion: str, *, people: int = 1, health: str = "ok") -> Segment:
    return Segment("living", MONDAY + start, MONDAY + end, emotion, 0.8, people, health)


def test_shares_are_of_the_time_with_a_mood() -> None:
    (one,) = summarise(
        [segment(0, 60, "happy"), segment(60, 90, "sad", people=2), segment(90, 900, "none", people=0)]
    )
    assert one.shares == pytest.approx({"happy": 2 / 3, "sad": 1 / 3})
    assert (one.seconds, one.with_people, one.unhealthy) == (900, 90, 0)


def test_a_spell_goes_on_though_people_come_and_go() -> None:
    segments = [segment(0, 60, "happy"), segment(60, 100, "happy", people=3), segment(100, 101, "sad")]
    assert [(one.emotion, one.seconds) for one in spells(segments)] == [("happy", 100), ("sad", 1)]


def test_a_gap_ends_a_spell() -> None:
    found = spells([segment(0, 60, "happy"), segment(600, 660, "happy")])
    assert [one.seconds for one in found] == [60, 60]


def test_a_segment_across_the_hour_is_in_both_hours() -> None:
    cells = week([segment(0, 1200, "happy")], timezone.utc)
    assert cells == {(0, 9): {"happy": 600}, (0, 10): {"happy": 600}}


def test_clipping_keeps_the_parts_within() -> None:
    found = clipped([segment(0, 60, "happy"), segment(60, 90, "sad")], MONDAY + 30, MONDAY + 60)
    assert [(one.start - MONDAY, one.end - MONDAY, one.emotion) for one in found] == [(30, 60, "happy")]


def test_what_changed_most_comes_first() -> None:
    (before,) = summarise([segment(0, 50, "happy"), segment(50, 100, "neutral")])
    (now,) = summarise([segment(0, 80, "happy"), segment(80, 90, "neutral"), segment(90, 100, "sad")])
    moved = changes(now, before)
    assert list(moved) == ["neutral", "happy", "sad"]
    assert moved == pytest.approx({"neutral": -0.4, "happy": 0.3, "sad": 0.1})
