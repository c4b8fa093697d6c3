"""A problem of single items that comes and goes does not make health flap. Pure."""

from __future__ import annotations

from typing import Final

__all__ = ["Steady"]

_AFTER: Final = 3.0
_OVER: Final = 3.0


class Steady:
    """Tells a problem after `after` seconds of nothing else, and until `over` seconds without it."""

    def __init__(self, *, after: float = _AFTER, over: float = _OVER) -> None:
        self._after, self._over = after, over
        self._bad_since: float | None = None
        self._good_since: float | None = None
        self.problem: str | None = None

    def see(self, problem: str | None, now: float) -> None:
        """What was wrong with the newest item, None for nothing."""
        if problem is None:
            self._bad_since = None
            self._good_since = now if self._good_since is None else self._good_since
            if now - self._good_since >= self._over:
                self.problem = None
        else:
            self._good_since = None
            self._bad_since = now if self._bad_since is None else self._bad_since
            if self.problem is not None or now - self._bad_since >= self._after:
                self.problem = problem

    def tell(self, problem: str) -> None:
        """Something that is a problem at once."""
        self._good_since, self.problem = None, problem
