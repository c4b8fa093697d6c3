"""A broker that cuts the connection on a packet that is too large, without saying so: which was it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["PacketGuess", "Suspect", "prime_suspect"]

_SMALLEST: Final = 256
"""Bytes; MQTT 5 forbids nothing smaller, but no broker has a lower limit than this."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A message that was not acknowledged before a cut: topic and size of the packet in bytes."""

    topic: str
    size: int

    def __str__(self) -> str:
        return f"right after {self.topic} with {self.size} bytes was sent"


def prime_suspect(unacknowledged: Iterable[Suspect]) -> Suspect | None:
    """The largest of those that may be too large: a cut swallows the answers to small ones before it, too."""
    large = (one for one in unacknowledged if one.size >= _SMALLEST)
    return max(large, key=lambda one: one.size, default=None)


class PacketGuess:
    """Two cuts in a row at one message mean that it is too large."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self._last: str | None = None

    def cut(self, suspect: Suspect | None) -> None:
        """A connection was cut soon after it was opened."""
        if suspect is None:
            self._last = None
        elif suspect.topic == self._last:
            self.limit = suspect.size - 1
            self._last = None
        else:
            self._last = suspect.topic

    def forget(self) -> None:
        """It may be another broker, or the same with another limit."""
        self.limit = self._last = None
