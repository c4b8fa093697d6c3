"""A short surprise: over before it could become the mood, and still worth telling. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.mood.fusion import Fused
from edge.mood.smoothing import LogFilter
from edge.vocabulary import LABELS, Source

__all__ = ["Glimpse", "Glimpses"]

_EMOTION: Final = "surprise"
_INDEX: Final = LABELS.index(_EMOTION)
_HALF_LIFE: Final = 0.15
_BEGINS, _ENDS = 0.6, 0.3
"""Lightly steadied probability from which on it is one, and below which it is over."""
_LASTS: Final = 0.2
"""Seconds: single readings of a face that talks or turns are none."""
_APART: Final = 3.0
"""Seconds from one to the next at least."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An emotion that flashed up: how surely, read by which senses, and when it was captured."""

    emotion: str
    confidence: float
    source: Source
    captured_at: float


class Glimpses:
    """Watches fused estimates for a surprise; each is told once, as soon as it has lasted."""

    def __init__(self) -> None:
        self._steady = LogFilter(_HALF_LIFE)
        self._since: float | None = None
        self._told = False
        self._last = float("-inf")

    def take(self, fused: Fused, mood: str) -> Glimpse | None:
        """The estimate's glimpse, if one has lasted with it; none of what is the mood already."""
        at = fused.captured_at
        share = float(self._steady.update(fused.probabilities, at)[_INDEX])
        if share < _ENDS:
            self._since, self._told = None, False
        elif self._since is None and share >= _BEGINS:
            self._since = at
        if self._since is None or self._told or mood == _EMOTION or at - self._since < _LASTS:
            return None
        self._told = True
        if at - self._last < _APART:
            return None
        self._last = at
        return Glimpse(_EMOTION, share, fused.source, at)

    def rest(self) -> None:
        """What was read no longer counts."""
        self._steady.reset()
        self._since, self._told = None, False
