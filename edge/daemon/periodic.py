"""Things done every so often by a loop that passes its clock in."""

from __future__ import annotations


class Every:
    """Due at once, then again `interval` seconds after it was due last."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next: float | None = None

    def due(self, now: float) -> bool:
        """Whether it is time; asking counts as doing."""
        if self._next is not None and now < self._next:
            return False
        self._next = now + self._interval
        return True
