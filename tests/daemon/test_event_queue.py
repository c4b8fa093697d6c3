from __future__ import annotations

import queue

import pytest

from edge.daemon.event_queue import MOST_WAITING, Event, EventQueue, Signal
from edge.daemon.switches import ControlRequest
from edge.publish.commands import Command


def drained(events: EventQueue) -> list[Event]:
    found: list[Event] = []
    while True:
        try:
            found.append(events.get(0.0))
        except queue.Empty:
            return found


def test_events_come_in_order_but_a_stop_goes_first() -> None:
    events = EventQueue()
    for signal in (Signal.RELOAD, Signal.RESTART, Signal.STOP):
        events.post(signal)
    assert drained(events) == [Signal.STOP, Signal.RELOAD, Signal.RESTART]


def test_a_storm_of_reloads_is_one_reload() -> None:
    events = EventQueue()
    for _ in range(1000):
        events.post(Signal.RELOAD)
    assert drained(events) == [Signal.RELOAD]


def test_a_reload_asked_for_after_the_last_was_taken_is_done() -> None:
    events = EventQueue()
    events.post(Signal.RELOAD)
    assert events.get(0.0) is Signal.RELOAD
    events.post(Signal.RELOAD)
    assert drained(events) == [Signal.RELOAD]


def test_of_a_flood_of_switch_commands_the_newest_of_each_switch_counts() -> None:
    events = EventQueue()
    for number in range(10 * MOST_WAITING):
        events.command(Command("set", "camera", on=number % 2 == 0))
        events.command(Command("set", "microphone", on=number % 2 == 1))
    assert [(command.name, command.on) for command in drained(events) if isinstance(command, Command)] == [
        ("camera", False),
        ("microphone", True),
    ]


def test_a_flood_of_requests_is_refused_but_a_switch_is_not() -> None:
    events = EventQueue()
    with pytest.raises(queue.Full):
        for _ in range(10 * MOST_WAITING):
            events.command(Command("request", "scores"))
    events.command(Command("set", "camera", on=False))
    events.command(Command("unstored", "unstored"))
    found = drained(events)
    assert found[0] == Command("set", "camera", on=False)
    assert found[-1] == Command("unstored", "unstored"), "an off of before is a switch, too"


def test_what_people_set_goes_before_everything_that_waits() -> None:
    events = EventQueue()
    for _ in range(MOST_WAITING):
        events.command(Command("request", "scores"))
    events.post(Signal.RELOAD)
    asked = ControlRequest("privacy", {"camera": False})
    events.post(asked)
    events.command(Command("set", "camera", on=False))
    assert [events.get(0.0), events.get(0.0)] == [asked, Command("set", "camera", on=False)]
    assert len(drained(events)) == MOST_WAITING + 1


def order(*commands: tuple[str, bool]) -> list[tuple[str, bool]]:
    """What the main loop is told of these switches, in its order."""
    events = EventQueue()
    for name, on in commands:
        events.command(Command("set", name, on=on))
    told: list[tuple[str, bool]] = []
    while True:
        try:
            event = events.get(0.0)
        except queue.Empty:
            return told
        assert isinstance(event, Command)
        told.append((event.name, event.on))


def test_what_a_person_said_last_counts_for_one_room_and_for_all() -> None:
    off, on = ("hall/camera", False), ("camera", True)
    assert order(off, on) == [on]
    assert order(off, on, off) == [on, off]
    assert order(on, off, on) == [on]
    assert order(off, ("den/camera", False), off) == [off, ("den/camera", False)]
    assert order(off, ("microphone", True)) == [off, ("microphone", True)], "another device is another matter"


def test_switches_of_rooms_and_of_all_by_turns_cannot_flood_the_queue() -> None:
    events = EventQueue()
    for _ in range(1000):
        events.command(Command("set", "hall/camera", on=False))
        events.command(Command("set", "camera", on=True))
    assert events._first.qsize() <= 2
