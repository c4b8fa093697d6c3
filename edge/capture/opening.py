"""One opening of a source: what its reader reports and its supervisor judges."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Opening", "Patience"]

_HEALED: Final = 1.5
"""Seconds of delivery after which a source that failed counts as healed."""

_STEADY: Final = 5.0
"""Seconds of delivery after which a source counts as having worked."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until silence counts as failure; how many hung readers may be left behind."""

    opening: float = 15.0
    silence: float = 5.0
    abandoned: int = 3


class Opening:
    """Shared by the reader thread, which reports, and the supervising thread, which judges and cancels."""

    def __init__(self, clock: Callable[[], float], previous: Opening | None = None) -> None:
        self._clock = clock
        self._cancel = threading.Event()
        self.finished = threading.Event()
        self.started_at = clock()
        self.opened_at: float | None = None
        self.fresh_at: float | None = None
        self._first_at: float | None = None
        self._newest_at: float | None = None
        self.last_at: float | None = previous.last_at if previous else None
        self.delivered: int = previous.delivered if previous else 0
        self.detail = ""
        self.failure: str | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the reader must close the source and return."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Ask the reader to return."""
        self._cancel.set()

    def wait(self, seconds: float) -> bool:
        """Wait; True when cancelled meanwhile."""
        return self._cancel.wait(seconds)

    def opened(self, detail: str) -> None:
        """The source is open; `detail` says what it delivers."""
        self.detail = detail
        self.opened_at = self._clock()

    def alive(self, count: int = 1) -> None:
        """Something came from the source just now, of which `count` items were handed on."""
        now = self.last_at = self.fresh_at = self._clock()
        self.delivered += count
        if count:
            self._newest_at = now
            self._first_at = now if self._first_at is None else self._first_at

    def works(self, *, after_failure: bool) -> bool:
        """Whether it delivers; after a failure for long enough not to be called healed and broken in turn.

        A single item before many that cannot be decoded does not heal.
        """
        if self._first_at is None or self._newest_at is None:
            return False
        return self._newest_at - self._first_at >= (_HEALED if after_failure else 0.0)

    def overdue(self, patience: Patience) -> str | None:
        """Why this opening counts as failed although its reader has not returned."""
        now = self._clock()
        if self.opened_at is None:
            late = now - self.started_at > patience.opening
            return f"did not open within {patience.opening:g} s" if late else None
        late = now - (self.fresh_at or self.opened_at) > patience.silence
        return f"nothing came for {patience.silence:g} s" if late else None

    def steady(self) -> bool:
        """Whether it delivered long enough to count as having worked."""
        return (
            self.opened_at is not None
            and self.fresh_at is not None
            and self.fresh_at - self.opened_at > _STEADY
        )
