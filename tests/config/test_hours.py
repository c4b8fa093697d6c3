from __future__ import annotations

from datetime import datetime

import pytest

from edge.config.hours import Hours, clock_text, minute_of_day


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, 23, int(hour), int(minute), 59)


@pytest.mark.parametrize(
    ("start", "end", "clock", "inside"),
    [
        ("08:00", "16:00", "07:59", False),
        ("08:00", "16:00", "08:00", True),
        ("08:00", "16:00", "15:59", True),
        ("08:00", "16:00", "16:00", False),
        ("22:00", "07:00", "21:59", False),
        ("22:00", "07:00", "22:00", True),
        ("22:00", "07:00", "00:00", True),
        ("22:00", "07:00", "06:59", True),
        ("22:00", "07:00", "07:00", False),
        ("00:00", "24:00", "23:59", True),
    ],
)
def test_hours_reach_over_midnight(start: str, end: str, clock: str, inside: bool) -> None:
    assert Hours.parse(start, end).contains(at(clock)) is inside


def test_reads_what_yaml_makes_of_an_unquoted_time() -> None:
    assert minute_of_day(1320) == minute_of_day("22:00") == 22 * 60
    assert clock_text(1320) == "22:00"


@pytest.mark.parametrize("wrong", ["25:00", "24:30", "12:60", "noon", "", None, True, 12.5, -1])
def test_refuses_what_is_no_time_of_the_day(wrong: object) -> None:
    with pytest.raises(ValueError, match="not a time of the day"):
        minute_of_day(wrong)


def test_refuses_an_empty_span() -> None:
    with pytest.raises(ValueError, match="no time at all"):
        Hours.parse("07:00", "7:00")
