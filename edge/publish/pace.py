"""When a topic is due: a change at once or after a pause, everything again at every heartbeat."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.publish.mqtt.message import Message

Value = TypeVar("Value")


class Paced(Generic[Value]):
    """The newest value of one topic.

    A throttle that keeps the last value: what comes sooner than `spacing` seconds after the one before
    waits, and the newest supersedes it. An urgent value never waits. All times are monotonic seconds.
    """

    def __init__(self, *, spacing: float, heartbeat: float = float("inf")) -> None:
        self._spacing = spacing
        self._heartbeat = heartbeat
        self._newest: Value | None = None
        self._pending = False
        self._sent_at = float("-inf")

    def offer(self, value: Value, *, now: float, urgent: bool = False) -> Value | None:
        """Take a value that differs from the last one; returns it if it is due."""
        self._newest = value
        self._pending = True
        if urgent:
            self._sent_at = float("-inf")
        return self.due(now)

    def due(self, now: float) -> Value | None:
        """The value to send now, or None."""
        if self._newest is None:
            return None
        age = now - self._sent_at
        if age >= self._heartbeat or (self._pending and age >= self._spacing):
            self._pending = False
            self._sent_at = now
            return self._newest
        return None


@dataclass(slots=True)
class _Recent:
    message: Message
    at: float
    delivered: Callable[[], bool]


class RecentEvents:
    """Events that the broker may not have seen; those older than `lifetime` seconds are dropped."""

    def __init__(self, *, lifetime: float, capacity: int = 32) -> None:
        self._lifetime = lifetime
        self._events: deque[_Recent] = deque(maxlen=capacity)
        self.dropped = 0

    def add(self, message: Message, *, now: float, delivered: Callable[[], bool]) -> None:
        """Remember a message; `delivered` tells whether the broker has acknowledged it."""
        self._forget(now)
        self._events.append(_Recent(message, now, delivered))

    def take(self, now: float) -> list[Message]:
        """Those to send again after a reconnect, oldest first; nothing is kept."""
        self._forget(now)
        waiting = [recent.message for recent in self._events]
        self._events.clear()
        return waiting

    def _forget(self, now: float) -> None:
        kept: list[_Recent] = []
        for recent in self._events:
            if recent.delivered():
                continue
            if now - recent.at > self._lifetime:
                self.dropped += 1
            else:
                kept.append(recent)
        self._events.clear()
        self._events.extend(kept)
