"""Who else uses our name on the broker."""

from __future__ import annotations

import threading
from typing import Final

__all__ = ["MEMORY", "Namesakes", "printable"]

MEMORY: Final = 90.0
"""Seconds after which a client that has fallen silent is no namesake any more."""
_MOST: Final = 8


class Namesakes:
    """Other clients that publish under our topics or connect with our client id.

    Times are monotonic seconds; any thread may call.
    """

    def __init__(self, *, client_id: str, device: str) -> None:
        self._client_id = client_id
        self._device = device
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def identified(self, client_id: str, now: float) -> bool:
        """Another process speaks as our device, maybe even with our client id; True if that is news."""
        with self._lock:
            self._forget(now)
            news = client_id not in self._seen
            if not news or len(self._seen) < _MOST:
                self._seen[client_id] = now
        return news

    def session_taken_over(self, now: float) -> None:
        """The broker said that another client with our id has taken our place."""
        self.identified(self._client_id, now)

    def others(self, now: float) -> list[str]:
        """The client ids seen lately."""
        with self._lock:
            self._forget(now)
            return sorted(self._seen)

    def problems(self, now: float) -> list[str]:
        """One sentence for each conflict that is still fresh."""
        return [self.describe(client_id) for client_id in self.others(now)]

    def describe(self, client_id: str) -> str:
        """The conflict with this client, in one sentence with the remedy."""
        if client_id == self._client_id:
            return f"mqtt: another client connects as {client_id}: give each device its own device.id"
        return (
            f"mqtt: {printable(client_id)} also publishes as device {self._device!r}:"
            " give each device its own device.id"
        )

    def _forget(self, now: float) -> None:
        self._seen = {client_id: at for client_id, at in self._seen.items() if now - at <= MEMORY}


def printable(text: str, longest: int = 128) -> str:
    """A stranger's text as it may be shown: no control characters, no change of direction, not too long."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:longest]
    )
