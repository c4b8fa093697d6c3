from __future__ import annotations

import queue

import pytest

from edge.daemon.event_queue import MOST_WAITING, Event, Inbox, Signal
from edge.publish.commands import Command


def drained(inbox: Inbox) -> list[Event]:
    events: list[Event] = []
    while True:
        try:
            events.append(inbox.get(0.0))
        except queue.Empty:
            return events


def test_events_come_in_order() -> None:
    inbox = Inbox()
    for signal in (Signal.RELOAD, Signal.RESTART, Signal.STOP):
        inbox.post(signal)
    assert drained(inbox) == [Signal.RELOAD, Signal.RESTART, Signal.STOP]


def test_a_storm_of_reloads_is_one_reload() -> None:
    inbox = Inbox()
    for _ in range(1000):
        inbox.post(Signal.RELOAD)
    assert drained(inbox) == [Signal.RELOAD]


def test_a_reload_asked_for_after_the_last_was_taken_is_done() -> None:
    inbox = Inbox()
    inbox.post(Signal.RELOAD)
    assert inbox.get(0.0) is Signal.RELOAD
    inbox.post(Signal.RELOAD)
    assert drained(inbox) == [Signal.RELOAD]


def test_of_a_flood_of_wishes_the_newest_of_each_switch_counts() -> None:
    inbox = Inbox()
    for number in range(10 * MOST_WAITING):
        inbox.command(Command("set", "camera", on=number % 2 == 0))
        inbox.command(Command("set", "microphone", on=number % 2 == 1))
    assert [(command.name, command.on) for command in drained(inbox) if isinstance(command, Command)] == [
        ("camera", False),
        ("microphone", True),
    ]


def test_a_flood_of_requests_is_refused_but_a_switch_is_not() -> None:
    inbox = Inbox()
    with pytest.raises(queue.Full):
        for _ in range(10 * MOST_WAITING):
            inbox.command(Command("request", "scores"))
    inbox.command(Command("set", "camera", on=False))
    assert drained(inbox)[-1] == Command("set", "camera", on=False)
