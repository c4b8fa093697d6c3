"""The last minutes of every room, in memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from threading import Lock
from typing import Final

from edge.history.segments import Look

__all__ = ["KEPT", "Recent"]

KEPT: Final = 15 * 60.0
"""Seconds that the page shows."""
_SPACING: Final = 5.0
_NOTICEABLE: Final = 0.05


class Recent:
    """Looks that differ from the one before, and one every five seconds. Safe across threads."""

    def __init__(self, kept: float = KEPT) -> None:
        self._kept = kept
        self._looks: dict[str, deque[Look]] = {}
        self._lock = Lock()

    def add(self, room: str, look: Look) -> None:
        """Take a look; what is too old is dropped."""
        with self._lock:
            looks = self._looks.setdefault(room, deque())
            if not looks or _differs(looks[-1], look):
                looks.append(look)
            while looks and look.at - looks[0].at > self._kept:
                looks.popleft()

    def since(self, moment: float) -> dict[str, list[Look]]:
        """The looks from a Unix time on, by room."""
        with self._lock:
            rooms = self._looks.items()
            return {room: [look for look in looks if look.at >= moment] for room, looks in rooms}

    def shift(self, seconds: float) -> None:
        """The clock was set: what was seen a minute ago stays a minute ago."""
        with self._lock:
            for looks in self._looks.values():
                moved = [replace(look, at=look.at + seconds) for look in looks]
                looks.clear()
                looks.extend(moved)

    def keep_only(self, rooms: set[str]) -> None:
        """Forget rooms that are no more."""
        with self._lock:
            self._looks = {room: looks for room, looks in self._looks.items() if room in rooms}

    def erase(self) -> None:
        """Forget everything."""
        with self._lock:
            self._looks.clear()


def _differs(before: Look, now: Look) -> bool:
    return (
        not 0 <= now.at - before.at < _SPACING
        or (now.emotion, now.people) != (before.emotion, before.people)
        or abs(now.confidence - before.confidence) >= _NOTICEABLE
    )
