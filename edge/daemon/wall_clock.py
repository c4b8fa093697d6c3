"""Notices when the wall clock is set while the daemon runs."""

from __future__ import annotations

import logging
import time
from typing import Final

__all__ = ["WallClock", "since_boot"]

_log = logging.getLogger(__name__)

_STEP: Final = 1.0
"""Seconds by which it has to jump: less is drift, or a clock that is led to the right time bit by bit."""


def since_boot() -> float:
    """Seconds since the machine started; its sleep counts, since nobody sets a clock by sleeping."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class WallClock:
    """Compares the wall clock with one that cannot be set."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def set_by(self, wall: float, boot: float) -> float:
        """Seconds by which it was set since the last call, 0 where it was not; to be called every second."""
        before, self._offset = self._offset, wall - boot
        step = 0.0 if before is None else self._offset - before
        if abs(step) <= _STEP:
            return 0.0
        _log.info("the clock was set by %+.0f s: what has begun before keeps its distance", step)
        return step
