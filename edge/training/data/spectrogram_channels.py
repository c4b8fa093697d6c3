"""Channels and backgrounds on the log energies of a spectrogram that is not yet normalised."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.perception.features import BANDS, HIGH, LOW

Features = NDArray[np.float32]
Spectrogram = NDArray[np.float16] | NDArray[np.float32]

_DECIBEL: Final = float(np.log(10) / 10)
"""In nepers of energy, the unit of the log energies."""
_HISS_BELOW: Final = 4000.0
"""Hz up to which what codes a narrow band puts its noise."""


def _centres() -> Features:
    """Hz of the mel bands' centres."""
    mel = np.linspace(1127 * np.log1p(LOW / 700), 1127 * np.log1p(HIGH / 700), BANDS + 2)[1:-1]
    return np.asarray(700 * np.expm1(mel / 1127), dtype=np.float32)


_CENTRES: Final = _centres()
_OCTAVES: Final = np.log2(_CENTRES)


def band_limited(energies: Features, generator: np.random.Generator) -> Features:
    """Natural log energies (frames, bands) as a telephone, a codec or a narrow microphone leaves them.

    More than half lose both ends as on a telephone (300 to 3400 Hz, give or take), the others one end or
    none, by 20 to 90 dB an octave; most get the noise of coding, which follows the loudness of each frame.
    """
    kind = generator.random()
    telephone = kind < 0.55
    loss = np.zeros(BANDS, dtype=np.float32)
    if kind < 0.8:
        upper = generator.uniform(2900, 3900) if telephone else generator.uniform(2500, 7000)
        loss += np.maximum(0.0, _OCTAVES - np.log2(upper)) * _slope(generator)
    if telephone or kind > 0.7:
        lower = generator.uniform(150, 420) if telephone else generator.uniform(80, 500)
        loss += np.maximum(0.0, np.log2(lower) - _OCTAVES) * _slope(generator)
    limited = energies - loss
    if generator.random() < 0.6:
        below = generator.uniform(24, 45) * _DECIBEL
        inside = _CENTRES < _HISS_BELOW
        limited[:, inside] = np.logaddexp(limited[:, inside], limited.max(axis=1, keepdims=True) - below)
    return np.asarray(limited, dtype=np.float32)


def _slope(generator: np.random.Generator) -> float:
    """Nepers an octave."""
    return float(generator.uniform(20, 90)) * _DECIBEL


def in_background(
    energies: Features,
    sound: Spectrogram,
    generator: np.random.Generator,
    snr: tuple[float, float] = (0.0, 25.0),
) -> Features:
    """Log energies of an utterance with those of another sound (frames, bands), looped where it is short,
    some dB below; what both have in common phase is neglected."""
    start = int(generator.integers(len(sound)))
    stretch = np.take(sound, np.arange(start, start + len(energies)), axis=0, mode="wrap").astype(np.float32)
    below = float(generator.uniform(*snr)) * _DECIBEL
    return np.asarray(np.logaddexp(energies, stretch - _level(stretch) + _level(energies) - below))


def _level(energies: Features) -> float:
    """The log of the mean energy."""
    top = float(energies.max())
    return float(np.log(np.exp(energies - top).mean())) + top


__all__ = ["band_limited", "in_background"]
