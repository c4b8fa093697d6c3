"""Requests that come faster than anybody means them."""

from __future__ import annotations

from typing import Final

__all__ = ["PAUSE", "FloodGate"]

PAUSE: Final = 2.0
"""Seconds for which a flooded subscription is given up."""


class FloodGate:
    """A token bucket that tells a flood from a burst. All times are monotonic seconds."""

    def __init__(self, *, burst: int = 50, rate: float = 20.0, tolerated: int = 100) -> None:
        self._burst, self._rate, self._tolerated = burst, rate, tolerated
        self._tokens, self._refilled_at = float(burst), float("-inf")
        self._shed, self._window = 0, float("-inf")
        self.flooded_at = float("-inf")

    def admits(self, now: float) -> bool:
        """Whether one more may pass."""
        self._tokens = min(self._tokens + (now - self._refilled_at) * self._rate, self._burst)
        self._refilled_at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return True
        self._count_shed(now)
        return False

    def flooded(self, now: float) -> bool:
        """Whether more than is tolerated was shed within this second."""
        return now - self._window < 1.0 and self._shed > self._tolerated

    def _count_shed(self, now: float) -> None:
        if now - self._window >= 1.0:
            self._window, self._shed = now, 0
        self._shed += 1
        if self._shed > self._tolerated:
            self.flooded_at = now
