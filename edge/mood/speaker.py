"""Whose voice is heard: the face whose mouth moves with it, where one stands out. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Speaker"]

_SPAN: Final = 2.5
"""Seconds over which mouths and voice are compared."""

_LAGS: Final = (0.0, 0.1, 0.2)
"""Seconds by which the voice may be told later than the mouth moved."""

_SMOOTH: Final = 0.17
_MIN_PICTURES: Final = 20
_MIN_VOICE: Final = 0.2
_LEVEL: Final = 20.0
"""Weight of how much a mouth moves against how well it keeps time with the voice."""

_MARGIN: Final = 0.7
"""Score by which the best must lead, and must have.

Of two faces that both talk, 3 windows in 100 go to the wrong one, 79 to nobody; of one that talks beside one
that does not, none and 21 (`python -m benchmarks.voices` on six clips, on which these numbers were chosen).
"""


class Speaker:
    """Keeps the last seconds of the motion of every mouth, and of when somebody was heard."""

    def __init__(self) -> None:
        self._mouths: dict[int, deque[tuple[float, float]]] = {}
        self._voice: deque[tuple[float, bool]] = deque([(float("-inf"), False)])

    def see(self, mouths: Mapping[int, float], at: float) -> None:
        """Motion of the mouths in one picture, by the number of the person."""
        for number, motion in mouths.items():
            self._mouths.setdefault(number, deque()).append((at, motion))
        for track in self._mouths.values():
            while track and track[0][0] < at - 2 * _SPAN:
                track.popleft()
        self._mouths = {number: track for number, track in self._mouths.items() if track}

    def hear(self, speaking: bool, at: float) -> None:
        """Whether somebody is heard from `at` on."""
        if speaking != self._voice[-1][1]:
            self._voice.append((at, speaking))
        while len(self._voice) > 1 and self._voice[1][0] < at - 2 * _SPAN:
            self._voice.popleft()

    def find(self, at: float) -> int | None:
        """The number of the person heard in the seconds before `at`; None where nobody stands out."""
        scores = {number: self._score(track, at) for number, track in self._mouths.items()}
        known = ((score, number) for number, score in scores.items() if score is not None)
        ranked = sorted(known, reverse=True)
        if not ranked:
            return None
        best, number = ranked[0]
        others = ranked[1][0] if len(ranked) > 1 else 0.0
        return number if best - max(others, 0.0) > _MARGIN else None

    def _score(self, track: Iterable[tuple[float, float]], at: float) -> float | None:
        """How much a mouth moves while somebody is heard, and how well in time; None: too little seen."""
        kept = [(moment, motion) for moment, motion in track if at - _SPAN < moment <= at]
        if len(kept) < _MIN_PICTURES:
            return None
        moments, motion = np.array(kept).T
        return max(self._agreement(moments + lag, motion) for lag in _LAGS)

    def _agreement(self, moments: NDArray[np.float64], motion: NDArray[np.float64]) -> float:
        since = np.array([moment for moment, _ in self._voice])
        heard = np.array([speaking for _, speaking in self._voice])
        voice = heard[np.searchsorted(since, moments, side="right") - 1].astype(np.float64)
        if voice.mean() < _MIN_VOICE:
            return 0.0
        level = float(voice @ motion / voice.sum())
        width = max(1, round(_SMOOTH * len(motion) / _SPAN))
        smooth = np.convolve(motion, np.full(width, 1 / width), "same")
        in_time = 0.0
        if voice.std() > 0 and smooth.std() > 0:
            in_time = float(np.corrcoef(smooth, voice)[0, 1])
        return _LEVEL * level + in_time
