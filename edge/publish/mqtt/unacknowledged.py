"""Messages that count for a few seconds only, until the broker has acknowledged them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge.publish.mqtt.message import Message

__all__ = ["Unacknowledged"]


@dataclass(slots=True)
class _Waiting:
    message: Message
    at: float
    delivered: Callable[[], bool]


class Unacknowledged:
    """Messages that the broker may not have seen; those older than `lifetime` seconds are dropped."""

    def __init__(self, *, lifetime: float, capacity: int = 32) -> None:
        self._lifetime = lifetime
        self._waiting: deque[_Waiting] = deque(maxlen=capacity)
        self.dropped = 0

    def add(self, message: Message, *, now: float, delivered: Callable[[], bool]) -> None:
        """Remember a message; `delivered` tells whether the broker has acknowledged it."""
        self._forget(now)
        self._waiting.append(_Waiting(message, now, delivered))

    def take(self, now: float) -> list[Message]:
        """Those to send again after a reconnect, oldest first; nothing is kept."""
        self._forget(now)
        waiting = [one.message for one in self._waiting]
        self._waiting.clear()
        return waiting

    def _forget(self, now: float) -> None:
        kept: list[_Waiting] = []
        for one in self._waiting:
            if one.delivered():
                continue
            if now - one.at > self._lifetime:
                self.dropped += 1
            else:
                kept.append(one)
        self._waiting.clear()
        self._waiting.extend(kept)
