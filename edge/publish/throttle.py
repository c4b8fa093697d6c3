"""When a topic is due: a change at once or after a pause, everything again at every heartbeat."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Throttle"]

Value = TypeVar("Value")


class Throttle(Generic[Value]):
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
