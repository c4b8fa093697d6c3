"""What waits for the main loop: nothing in it can be flooded, and no switch that a person sets is lost."""

from __future__ import annotations

import queue
from contextlib import suppress
from enum import Enum
from threading import Lock
from typing import Final

from edge.daemon.processors import Heard, Seen
from edge.daemon.switches import ControlRequest
from edge.publish.commands import Command

__all__ = ["MOST_WAITING", "Event", "EventQueue", "Signal"]

MOST_WAITING: Final = 200


class Signal(Enum):
    """What the outside asks of the main loop."""

    STOP = "stop"
    RELOAD = "reload"
    RESTART = "restart"


Event = Seen | Heard | Command | ControlRequest | Signal


class _Wake(Enum):
    """Stands in the common queue for something that waits in the one that goes first."""

    UP = "up"


class _Pending(Enum):
    """The place in the queue of the switch that has waited longest."""

    SWITCH = "switch"


class EventQueue:
    """The main loop's queue. `post` may be called from any thread and from signal handlers.

    What people set, by a switch or over the control socket, and a stop go before everything else. Of several
    commands for one switch the newest counts, in the place of the first: switching a camera off is never
    refused for want of room. One for all rooms is in place of those that wait for single ones, and one for a
    room comes after that. A reload that waits already is not asked for twice.
    """

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | _Wake] = queue.SimpleQueue()
        self._first: queue.SimpleQueue[ControlRequest | Signal | _Pending] = queue.SimpleQueue()
        self._reload_waits = False
        self._switches: dict[str, Command] = {}
        self._places = 0
        self._lock = Lock()

    def post(self, event: Event) -> None:
        """Add an event; takes no lock, since a signal handler may interrupt one that is held."""
        if event is Signal.RELOAD:
            if self._reload_waits:
                return
            self._reload_waits = True
        if isinstance(event, ControlRequest) or event is Signal.STOP:
            self._put_first(event)
        else:
            self._events.put(event)

    def command(self, command: Command) -> None:
        """Add a command from outside. Raises queue.Full when too much waits for another request."""
        if command.kind == "set":
            self._set(command)
            return
        if command.kind != "unstored" and self._events.qsize() > MOST_WAITING:
            raise queue.Full
        self._events.put(command)

    def get(self, timeout: float) -> Event:
        """The next event. Raises queue.Empty after `timeout` seconds."""
        event: Event | _Wake = _Wake.UP
        while isinstance(event, _Wake):
            with suppress(queue.Empty):
                return self._first_event()
            event = self._events.get(timeout=timeout)
        if event is Signal.RELOAD:
            self._reload_waits = False
        return event

    def _first_event(self) -> Event:
        while True:
            event = self._first.get_nowait()
            if not isinstance(event, _Pending):
                return event
            with self._lock:
                self._places -= 1
                if self._switches:
                    return self._switches.pop(next(iter(self._switches)))

    def _put_first(self, event: ControlRequest | Signal | _Pending) -> None:
        self._first.put(event)
        self._events.put(_Wake.UP)

    def _set(self, command: Command) -> None:
        room, _, kind = command.name.rpartition("/")
        with self._lock:
            if not room:
                for name in [one for one in self._switches if one.endswith(f"/{kind}")]:
                    del self._switches[name]
            elif kind in self._switches:
                self._switches.pop(command.name, None)
            self._switches[command.name] = command
            more = len(self._switches) > self._places
            self._places += more
        if more:
            self._put_first(_Pending.SWITCH)
