from __future__ import annotations

from datetime import datetime

import pytest

from edge.config.schedule import DAYS, Period, closed_by

MONDAY = 23  # November 2026 begins its fourth Monday on the 23rd


def moment(day: str, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, MONDAY + DAYS.index(day), hour, minute)


@pytest.mark.parametrize(
    ("text", "day", "clock", "inside"),
    [
        ("22:00-07:00", "wed", "23:00", True),
        ("22:00-07:00", "wed", "06:59", True),
        ("22:00-07:00", "wed", "07:00", False),
        ("mon-fri 08:00-16:00", "fri", "08:00", True),
        ("mon-fri 08:00-16:00", "sat", "08:00", False),
        ("sat,sun 09:00-12:00", "sun", "11:59", True),
        ("sat,sun 09:00-12:00", "mon", "10:00", False),
        ("fri-mon 09:00-12:00", "sun", "10:00", True),
        ("fri-mon 09:00-12:00", "wed", "10:00", False),
        ("fri 22:00-06:00", "fri", "23:00", True),
        ("fri 22:00-06:00", "sat", "05:00", True),
        ("fri 22:00-06:00", "fri", "05:00", False),
        ("sun 22:00-06:00", "mon", "05:59", True),
        ("mon 00:00-24:00", "mon", "23:59", True),
        ("mon 00:00-24:00", "tue", "00:00", False),
        ("MON 9:00 - 10:00", "mon", "09:30", True),
    ],
)
def test_days_are_those_on_which_a_span_begins(text: str, day: str, clock: str, inside: bool) -> None:
    assert Period.parse(text).contains(moment(day, clock)) is inside


def test_closes_camera_and_microphone_unless_told_otherwise() -> None:
    assert Period.parse("22:00-07:00").things == {"camera", "microphone"}
    assert Period.parse("22:00-07:00 camera").things == {"camera"}
    assert Period.parse("22:00-07:00 microphone, actions").things == {"microphone", "actions"}


def test_the_first_span_that_closes_a_thing_is_named() -> None:
    periods = [Period.parse("22:00-07:00 camera"), Period.parse("21:00-08:00")]
    at = moment("mon", "23:00")
    assert closed_by(periods, "camera", at) is periods[0]
    assert closed_by(periods, "microphone", at) is periods[1]
    assert closed_by(periods, "actions", at) is None


@pytest.mark.parametrize(
    ("text", "things", "rooms"),
    [
        ("19:00-07:00 room:nursery", {"camera", "microphone"}, ("nursery",)),
        ("mon-fri 08:00-16:00 camera room: nursery, guest-room", {"camera"}, ("nursery", "guest-room")),
        ("sat,sun 08:00-16:00 camera, microphone ROOM:den", {"camera", "microphone"}, ("den",)),
    ],
)
def test_a_span_may_be_for_some_rooms_alone(text: str, things: set[str], rooms: tuple[str, ...]) -> None:
    found = Period.parse(text)
    assert found.things == things
    assert found.rooms == rooms
    assert found.closes("camera", rooms[0])
    assert not found.closes("camera", "hall")
    assert not found.closes("camera", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("22:00-07:00 room:", "is not a span of time"),
        ("22:00-07:00 actions room:hall", "actions are of all rooms"),
        ("22:00-07:00 room", "'room' cannot be closed"),
        ("at night", "is not a span of time"),
        ("25:00-07:00", "not a time of the day"),
        ("07:00-07:00", "no time at all"),
        ("24:00-07:00", "begins at 00:00"),
        ("mo-fri 08:00-16:00", "'mo' is not a day"),
        ("22:00-07:00 webcam", "'webcam' cannot be closed"),
    ],
)
def test_a_wrong_span_is_refused_with_its_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Period.parse(text)
