"""A stream's own times on the daemon's clock."""

from __future__ import annotations

from typing import Final

__all__ = ["MediaClock"]

_DRIFT: Final = 5e-4
"""Seconds a second by which the other clock may be slower; beyond that a delay is one of the network."""

_JUMP: Final = 2.0
"""Seconds of delay after which the stream's times count as begun anew."""

_APART: Final = 1.0
"""Seconds between the two halves beyond which their times are taken to have nothing in common."""


class MediaClock:
    """Says when something was captured: the least delayed packet fixes where the stream's zero lies.

    Pictures and sound of one connection share that zero, so that a network which delays one of them does not
    move them apart. No moment lies in the future. With `recorded`, what a server sends as fast as it can is
    due at the recording's own speed.
    """

    def __init__(self, *, recorded: bool = False) -> None:
        self._recorded = recorded
        self._played_from: float | None = None
        self._zeros: dict[str, tuple[float, float]] = {}

    def at(self, half: str, media: float | None, now: float) -> float:
        """The moment of something that came `now` and carries the stream's time `media` in seconds."""
        if media is None:
            return now
        zero, seen = self._zeros.get(half, (now - media, now))
        delay = now - media - zero
        zero = now - media if delay > _JUMP else min(now - media, zero + _DRIFT * (now - seen))
        self._zeros[half] = (zero, now)
        common = min(one for one, _ in self._zeros.values())
        return (common if zero - common < _APART else zero) + media

    def ahead(self, media: float | None, now: float) -> float:
        """Seconds until the moment `media` of a recording is due; 0 for a live stream."""
        if media is None or not self._recorded:
            return 0.0
        if self._played_from is None or not -1.0 < media + self._played_from - now < 10.0:
            self._played_from = now - media
        return max(0.0, media + self._played_from - now)
