"""What is usual for one voice, so that its drift towards one emotion is not taken for the emotion. Pure.

The largest error of a model among strangers is that one person's calm voice sounds like another's sadness or
anger. The mean of what was read of a voice is compared with how people usually are, and the difference, at
most a factor of e, is taken off. It is a ratio, so it limits itself: a voice that is as usual is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.mood.pooling import FLOOR
from edge.vocabulary import LABELS, Probabilities, Reading

__all__ = ["Baseline", "evened"]

_NEUTRAL: Final = LABELS.index("neutral")
_STRENGTH: Final = 0.8
"""Share of the difference that is taken off, in logarithms."""
_MOST: Final = 1.0
"""Logarithm by which one emotion may be moved."""
_PRIOR_SECONDS: Final = 10.0
"""How much speech the expectation weighs as much as."""
_ACQUAINTED: Final = 20.0
"""Seconds of speech after which the voice is known, and what is learnt is learnt slowly."""
_SLOW: Final = 0.3
_STRONG: Final = 0.5
"""Corrected probability from which on an emotion of a known voice is taken at its word and not learnt."""
_LONGEST: Final = 1.0
"""Seconds that one reading stands for at most; readings of running speech are half a second apart."""
_FADES: Final = 600.0
"""Seconds of silence after which half of it is forgotten: somebody else may speak then."""


class Baseline:
    """Learns slowly what one voice, or whoever shares one microphone, usually reads like.

    `neutral` is the share of neutral in how people usually are; the other emotions share the rest. The first
    seconds are learnt as they come. From then on no strong emotion is learnt, so that a long anger stays one.
    """

    def __init__(self, neutral: float) -> None:
        self._usual = np.full(len(LABELS), (1.0 - neutral) / (len(LABELS) - 1))
        self._usual[_NEUTRAL] = neutral
        self._learnt = np.zeros(len(LABELS))
        self._heard = 0.0
        self._at: float | None = None

    def carry_on(self, before: Baseline) -> None:
        """Begin with what another one has learnt."""
        self._learnt, self._heard, self._at = before._learnt, before._heard, before._at

    def forget(self) -> None:
        """Somebody unknown speaks from here on."""
        self._learnt, self._heard, self._at = np.zeros(len(LABELS)), 0.0, None

    def hear(self, reading: Reading) -> Reading:
        """The reading as it is for this voice; it is learnt from afterwards."""
        corrected = self.correct(reading)
        self._learn(reading, corrected.probabilities)
        return corrected

    def correct(self, reading: Reading) -> Reading:
        """The reading as it is for this voice; nothing is learnt."""
        moved = reading.probabilities * np.exp(self.bias)
        return replace(reading, probabilities=moved / max(float(moved.sum()), FLOOR))

    @property
    def bias(self) -> NDArray[np.float64]:
        """What is added to the logarithm of each probability (7,)."""
        mean = self._learnt + _PRIOR_SECONDS * self._usual
        bias = _STRENGTH * np.log(self._usual * mean.sum() / mean)
        return np.asarray(np.clip(bias - bias.mean(), -_MOST, _MOST))

    def _learn(self, reading: Reading, corrected: Probabilities) -> None:
        if not (np.isfinite(reading.probabilities).all() and reading.probabilities.sum() > 0):
            return
        since = _LONGEST if self._at is None else max(0.0, reading.captured_at - self._at)
        self._at = reading.captured_at
        spoken = min(since, _LONGEST)
        kept = 0.5 ** ((since - spoken) / _FADES)
        self._learnt, self._heard = kept * self._learnt, kept * self._heard + spoken
        likeliest = int(np.argmax(corrected))
        if self._heard > _ACQUAINTED:
            strong = likeliest != _NEUTRAL and corrected[likeliest] > _STRONG
            spoken *= 0.0 if strong else _SLOW
        self._learnt = self._learnt + spoken * reading.quality * reading.probabilities


def evened(readings: Sequence[Reading], neutral: float) -> Iterable[Reading]:
    """All readings of one voice, in order of time, as they are once all of them were heard: two passes."""
    baseline = Baseline(neutral)
    for reading in readings:
        baseline.hear(reading)
    return (baseline.correct(reading) for reading in readings)
