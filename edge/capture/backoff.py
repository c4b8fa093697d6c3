"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Backoff"]


class Backoff:
    """Exponential delays: half of each is fixed and half is chance, so that devices do not march in step."""

    def __init__(
        self, *, first: float = 0.5, longest: float = 30.0, jitter: Callable[[], float] = random.random
    ) -> None:
        self._first = first
        self._longest = longest
        self._jitter = jitter
        self._step = first

    def next(self) -> float:
        """Seconds to wait now; the following wait is about twice as long, up to `longest`."""
        delay = self._step * (0.5 + 0.5 * self._jitter())
        self._step = min(2 * self._step, self._longest)
        return delay

    def reset(self) -> None:
        """Start again from `first`: the last attempt was a success."""
        self._step = self._first
