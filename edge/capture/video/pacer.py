"""Thins out frames to a wanted rate."""

from __future__ import annotations

from math import ceil
from typing import Final

__all__ = ["Pacer", "every"]

_ENOUGH: Final = 0.8
"""Share of the pictures asked for with which evenly spaced ones are content."""
_SAME: Final = 0.01


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


def every(film: float | None, most: float | None) -> int | None:
    """Which of a film's pictures are looked at, at most so many a second: of 25, for 15, every second.

    None where that would be far fewer than asked for, and where nothing is known or asked for.
    """
    if not (film and most) or film <= most * (1 + _SAME):
        return None
    step = ceil(film / most - _SAME)
    return step if film / step >= _ENOUGH * most else None
