"""The spectrogram that Whisper hears: 80 Slaney mel bands of 25 ms, 10 ms apart (Radford et al. 2022)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from edge.evaluation.sound import Samples
from edge.vocabulary import SAMPLE_RATE

BANDS: Final = 80
HOP: Final = 160
_FFT: Final = 400
_SECONDS: Final = 8
"""That smart-turn's model hears: its sound is normed over all of them, silence included."""
_RANGE: Final = 8.0
"""Powers of ten kept below the loudest cell."""
_LINEAR: Final = 1000.0
"""Hz up to which the scale is linear, at 200 / 3 Hz a mel; above it is logarithmic."""


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    bend = _LINEAR * 3 / 200
    return np.where(mels < bend, mels * 200 / 3, _LINEAR * np.exp(np.log(6.4) / 27 * (mels - bend)))


def _bank() -> NDArray[np.float64]:
    """Triangles of equal area, (80, bins)."""
    top = _LINEAR * 3 / 200 + 27 / np.log(6.4) * np.log(SAMPLE_RATE / 2 / _LINEAR)
    edges = _hertz(np.linspace(0, top, BANDS + 2))
    bins = np.linspace(0, SAMPLE_RATE / 2, _FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    heights = 2 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * heights[:, None])


_BANK: Final = _bank()
_TAPER: Final = np.hanning(_FFT + 1)[:-1]


def whisper_mel(samples: Samples) -> NDArray[np.float32]:
    """16 kHz mono (n,), up to 8 s and at least a frame -> (1 + n // 160, 80), frame k around sample 160 k."""
    share = min(1.0, len(samples) / (_SECONDS * SAMPLE_RATE))
    normed = (samples - samples.mean()) / np.sqrt(samples.var() * share + 1e-7)
    padded = np.pad(normed.astype(np.float64), _FFT // 2, mode="reflect")
    power = np.square(np.abs(np.fft.rfft(sliding_window_view(padded, _FFT)[::HOP] * _TAPER)))
    logs = np.log10(np.maximum(power @ _BANK.T, 1e-10))
    return np.asarray((np.maximum(logs, logs.max() - _RANGE) + 4) / 4, dtype=np.float32)


__all__ = ["BANDS", "HOP", "whisper_mel"]
