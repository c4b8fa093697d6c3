"""Thins out frames to a wanted rate."""

from __future__ import annotations

__all__ = ["Pacer"]


class Pacer:
    """Says which of the frames that come are due, so that at most `fps` a second are kept on average."""

    def __init__(self, fps: float | None) -> None:
        self._period = 1.0 / fps if fps else 0.0
        self._next: float | None = None

    def due(self, at: float) -> bool:
        """Whether the frame of this moment is to be kept; half a period early still counts."""
        if not self._period:
            return True
        if self._next is None or abs(at - self._next) > 10 * self._period:
            self._next = at
        if at < self._next - 0.25 * self._period:
            return False
        self._next = max(self._next + self._period, at)
        return True
