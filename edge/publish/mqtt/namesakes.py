"""Who else uses our name on the broker."""

from __future__ import annotations

import threading

__all__ = ["Namesakes"]


class Namesakes:
    """Other clients that publish under our topics or connect with our client id.

    Times are monotonic seconds; any thread may call.
    """

    def __init__(
        self, *, client: str, device: str, memory: float = 90.0, takeover_memory: float = 600.0
    ) -> None:
        self._client = client
        self._device = device
        self._memory = memory
        self._takeover_memory = takeover_memory
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._taken_over_at = float("-inf")

    def identified(self, client: str, now: float) -> bool:
        """Note that `client` speaks as our device; True if that is news."""
        if client == self._client:
            return False
        with self._lock:
            self._forget(now)
            news = client not in self._seen
            self._seen[client] = now
        return news

    def session_taken_over(self, now: float) -> None:
        """Note that the broker gave our connection to another client with our id."""
        self._taken_over_at = now

    def others(self, now: float) -> list[str]:
        """The clients heard lately."""
        with self._lock:
            self._forget(now)
            return sorted(self._seen)

    def problems(self, now: float) -> list[str]:
        """One sentence for each conflict that is still fresh."""
        found = [
            f"mqtt: {client} also publishes as device {self._device!r}: give each device its own device.id"
            for client in self.others(now)
        ]
        if now - self._taken_over_at <= self._takeover_memory:
            found.append(
                f"mqtt: another client seems to connect as {self._client}: give each device its own device.id"
            )
        return found

    def _forget(self, now: float) -> None:
        self._seen = {client: at for client, at in self._seen.items() if now - at <= self._memory}
