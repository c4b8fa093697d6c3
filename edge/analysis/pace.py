"""How fast somebody speaks: syllables a second, counted at their loud middles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.frames import SECONDS
from edge.analysis.turns import Stretch

__all__ = ["LEAST", "syllables_per_second"]

LEAST: Final = 5.0
"""Seconds of speech below which no pace is told."""

_STEP: Final = SECONDS / 2
_DIP: Final = 2.0
_BELOW: Final = 25.0
_APART: Final = 5
_SMOOTH: Final = np.array([0.25, 0.5, 0.25])


def syllables_per_second(
    formants: NDArray[np.float32], ends: NDArray[np.float64], speech: Sequence[Stretch]
) -> float | None:
    """Rate over the stretches of speech; None when there are less than five seconds of it.

    `formants` is the level between 300 and 3400 Hz every 16 ms; a syllable is a peak that stands 2 dB
    above the dips beside it (after de Jong and Wempe 2009, without their test of the pitch).
    """
    spoken = sum(stretch.seconds for stretch in speech)
    if spoken < LEAST:
        return None
    count = sum(_nuclei(_cut(formants, ends, stretch)) for stretch in speech)
    return count / spoken


def _cut(formants: NDArray[np.float32], ends: NDArray[np.float64], stretch: Stretch) -> NDArray[np.float32]:
    first, last = np.searchsorted(ends, [stretch.start + SECONDS / 2, stretch.end + SECONDS / 2])
    return formants[2 * first : 2 * last]


def _nuclei(level: NDArray[np.float32]) -> int:
    if len(level) < 3:
        return 0
    smooth = np.convolve(np.pad(level, 1, mode="edge"), _SMOOTH, mode="valid")
    return _rises(smooth, float(smooth.max()) - _BELOW)


def _rises(level: NDArray[np.float64], least: float) -> int:
    """How often the level rises by a dip to a peak above `least` and falls by as much, 80 ms apart."""
    count, low, high, rising, last = 0, float("inf"), float("-inf"), True, -_APART
    for index, value in enumerate([*level.tolist(), float(level.min()) - 2 * _DIP]):
        low, high = min(low, value), max(high, value)
        if rising and high - value >= _DIP:
            if high >= least and index - last >= _APART:
                count, last = count + 1, index
            rising, low = False, value
        elif not rising and value - low >= _DIP:
            rising, high = True, value
    return count
