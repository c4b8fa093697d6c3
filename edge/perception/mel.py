"""The mel filter bank of python-speech-features, made without loading it.

That library defines the bank and brings SciPy with it, 30 MB that a daemon would carry for 64 triangles.
`difference` holds this one against it; the tests and `emotion-edge doctor` ask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["band_centres", "difference", "mel_bank"]

Bank = NDArray[np.float64]


def mel_bank(bands: int, fft: int, rate: int, low: float, high: float) -> Bank:
    """Triangles (bands, fft // 2 + 1) between `low` and `high` Hz, evenly spaced in mels, peak 1 at a bin."""
    mels = np.linspace(_mels(low), _mels(high), bands + 2)
    edges = np.floor((fft + 1) * (700.0 * (10.0 ** (mels / 2595.0) - 1.0)) / rate)
    bins = np.arange(fft // 2 + 1)
    left, peak, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = (bins - left) / (peak - left), (right - bins) / (right - peak)
    bank = np.where((bins >= left) & (bins < peak), rising, 0.0)
    return np.asarray(np.where((bins >= peak) & (bins < right), falling, bank), np.float64)


def band_centres(bands: int, low: float, high: float) -> NDArray[np.float64]:
    """Frequencies in Hz (bands,) at which the triangles are highest, before they are moved to a bin."""
    mels = np.linspace(_mels(low), _mels(high), bands + 2)[1:-1]
    return np.asarray(700.0 * (10.0 ** (mels / 2595.0) - 1.0))


def difference(bands: int, fft: int, rate: int, low: float, high: float) -> float:
    """Largest difference of a weight from python-speech-features' bank; loads that library."""
    from python_speech_features import get_filterbanks

    theirs = np.asarray(get_filterbanks(bands, fft, rate, low, high), np.float64)
    return float(np.abs(mel_bank(bands, fft, rate, low, high) - theirs).max())


def _mels(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))
