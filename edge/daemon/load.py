"""Do the models keep up with the camera? Fewer pictures before they lag, all again when they can. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

__all__ = ["Count", "Load"]

_WINDOW: Final = 5.0
"""Seconds that are judged together, and for which a new rate is given a chance."""
_BUSY, _CALM = 0.9, 0.6
"""Shares of the time spent on pictures at which there are too many, and at which there may be more."""
_FEWER = 0.8
_MORE, _MOST_MORE = 1.25, 4.0
_GOAL: Final = 0.75
"""Share of the time that a higher rate is meant to take."""
_LEAST: Final = 2.0
"""Pictures a second that are always let through: with fewer, nobody is followed any more."""
_PATIENCE: Final = 15.0
_MOST_PATIENCE: Final = 240.0
_FEW, _ENOUGH = 0.7, 0.8
"""Shares of pictures judged below which there is a problem, and above which there is none."""
_BEHIND: Final = 30.0
_AGAIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Count:
    """Since the start: pictures that came and were taken, and seconds spent on those."""

    at: float
    came: int
    taken: int
    busy: float


class Load:
    """Looks at the counts about once a second; `rate` is what to let through, None for everything.

    More are let through after a calm time, which gets longer each time that was too many.
    """

    def __init__(self) -> None:
        self._counts: deque[Count] = deque()
        self.rate: float | None = None
        self._calm_since: float | None = None
        self._raised_at: float | None = None
        self._patience = _PATIENCE
        self._behind_since: float | None = None
        self._well_since: float | None = None
        self.behind = False
        """Whether too few pictures have been judged for a while."""
        self.came, self.taken = 0.0, 0.0
        """Pictures a second that came and were judged lately."""

    def look(self, count: Count) -> None:
        """Take the newest counts and decide."""
        self._counts.append(count)
        while len(self._counts) > 1 and count.at - self._counts[1].at >= _WINDOW:
            self._counts.popleft()
        first = self._counts[0]
        seconds = count.at - first.at
        if seconds < _WINDOW:
            return
        self.came, self.taken = (count.came - first.came) / seconds, (count.taken - first.taken) / seconds
        self._steer(count.at, (count.busy - first.busy) / seconds)
        self._judge(count.at)

    def _steer(self, now: float, busy: float) -> None:
        if busy > _BUSY:
            self._calm_since = None
            self._lower(now)
        elif busy < _CALM and self.rate is not None:
            self._calm_since = now if self._calm_since is None else self._calm_since
            if now - self._calm_since >= self._patience:
                self._raise(now, busy)
        else:
            self._calm_since = None

    def _lower(self, now: float) -> None:
        if self._raised_at is not None:
            soon = now - self._raised_at < 2 * self._patience
            self._patience = min(2 * self._patience, _MOST_PATIENCE) if soon else _PATIENCE
        self._raised_at = None
        self.rate = max(_LEAST, self.taken * _FEWER)
        self._counts.clear()

    def _raise(self, now: float, busy: float) -> None:
        assert self.rate is not None
        self.rate *= min(max(_MORE, _GOAL / max(busy, 0.01)), _MOST_MORE)
        if self.rate >= self.came:
            self.rate = None
        self._raised_at, self._calm_since = now, None
        self._counts.clear()

    def _judge(self, now: float) -> None:
        share = self.taken / self.came if self.came else 1.0
        self._behind_since = (self._behind_since or now) if share < _FEW else None
        self._well_since = (self._well_since or now) if share >= _ENOUGH else None
        if self._behind_since is not None and now - self._behind_since >= _BEHIND:
            self.behind = True
        if self._well_since is not None and now - self._well_since >= _AGAIN:
            self.behind = False
