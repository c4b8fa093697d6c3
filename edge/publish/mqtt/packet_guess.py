"""A broker that cuts the connection on a packet that is too large, without saying so: which was it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["PacketGuess", "Suspect"]

_SMALLEST: Final = 256
"""Bytes; MQTT 5 forbids nothing smaller, but no broker has a lower limit than this."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """The first message that was not acknowledged before a cut: topic and size of the packet in bytes."""

    topic: str
    size: int

    def __str__(self) -> str:
        return f"right after {self.topic} with {self.size} bytes was sent"


class PacketGuess:
    """Two cuts in a row at one message mean that it is too large."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self._last: str | None = None

    def cut(self, suspect: Suspect | None) -> None:
        """A connection was cut soon after it was opened."""
        if suspect is None or suspect.size < _SMALLEST:
            self._last = None
        elif suspect.topic == self._last:
            self.limit = suspect.size - 1
            self._last = None
        else:
            self._last = suspect.topic

    def forget(self) -> None:
        """It may be another broker, or the same with another limit."""
        self.limit = self._last = None
