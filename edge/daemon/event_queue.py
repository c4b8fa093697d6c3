"""What waits for the main loop: nothing in it can be flooded, and no wish of a person is lost."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import Final

from edge.daemon.switches import ControlRequest
from edge.mood.room import FaceSeen, SpeechHeard
from edge.publish.commands import Command

__all__ = ["MOST_WAITING", "Event", "Inbox", "Signal"]

MOST_WAITING: Final = 200


class Signal(Enum):
    """What the outside asks of the main loop."""

    STOP = "stop"
    RELOAD = "reload"
    RESTART = "restart"


Event = FaceSeen | SpeechHeard | Command | ControlRequest | Signal


@dataclass(frozen=True, slots=True)
class _Wish:
    """The place in the queue of the newest wish for one switch."""

    switch: str


class Inbox:
    """The main loop's queue. `post` may be called from any thread and from signal handlers.

    A reload that waits already is not asked for twice. Of several wishes for one switch the newest counts,
    in the place of the first: switching a camera off is never refused for want of room.
    """

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | _Wish] = queue.SimpleQueue()
        self._reload_waits = False
        self._wishes: dict[str, Command] = {}
        self._lock = Lock()

    def post(self, event: Event) -> None:
        """Add an event; takes no lock, since a signal handler may interrupt one that is held."""
        if event is Signal.RELOAD:
            if self._reload_waits:
                return
            self._reload_waits = True
        self._events.put(event)

    def command(self, command: Command) -> None:
        """Add a command from outside. Raises queue.Full when too much waits for another request."""
        if command.kind == "set":
            self._wish(command)
            return
        if self._events.qsize() > MOST_WAITING:
            raise queue.Full
        self._events.put(command)

    def get(self, timeout: float) -> Event:
        """The next event. Raises queue.Empty after `timeout` seconds."""
        event = self._events.get(timeout=timeout)
        if isinstance(event, _Wish):
            with self._lock:
                return self._wishes.pop(event.switch)
        if event is Signal.RELOAD:
            self._reload_waits = False
        return event

    def _wish(self, command: Command) -> None:
        with self._lock:
            waits = command.name in self._wishes
            self._wishes[command.name] = command
        if not waits:
            self._events.put(_Wish(command.name))
