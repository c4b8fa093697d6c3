"""From sound to the speech models' inputs; one implementation for training and run time.

The definition is python-speech-features'; filter bank, framing, spectrum and logarithm are the same
arithmetic on whole arrays in float32, held to that library by the tests and by `emotion-edge doctor`.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from edge.perception.mel import mel_bank
from edge.vocabulary import SAMPLE_RATE

__all__ = [
    "BANDS",
    "FFT",
    "FRAME",
    "FRAMES",
    "HIGH",
    "HOP",
    "LOW",
    "PREEMPHASIS",
    "WINDOW_SECONDS",
    "Features",
    "Samples",
    "fit_frames",
    "log_mel",
    "normalise",
    "speech_features",
]

Samples = NDArray[np.float32]
Features = NDArray[np.float32]

BANDS: Final = 64
FRAME: Final = 1024
"""Samples in a frame: 64 ms, long enough to tell the harmonics of a deep voice apart (90 Hz), so that the
pitch is visible."""
HOP: Final = 256
"""Samples between frames: 16 ms."""
FFT: Final = 2048
"""Zero-padded, so that the narrow low bands have bins of their own."""
LOW, HIGH = 50.0, 7600.0
PREEMPHASIS: Final = 0.97
WINDOW_SECONDS: Final = 3.0
FRAMES: Final = 1 + (int(WINDOW_SECONDS * SAMPLE_RATE) - FRAME) // HOP
_FLOOR: Final = float(np.log(1e6))
"""Natural-log range kept below the loudest cell: 60 dB."""
_SILENCE: Final = np.float32(1e-12)

_TAPER: Final = np.hamming(FRAME).astype(np.float32)
_BANK: Final = np.ascontiguousarray(
    mel_bank(BANDS, FFT, SAMPLE_RATE, LOW, HIGH).T.astype(np.float32) / np.float32(FFT)
)


def _blocks(bands: int) -> list[tuple[slice, slice]]:
    """Groups of neighbouring bands, and the bins that matter to them."""
    firsts = range(0, BANDS, bands)
    filled = [np.flatnonzero(_BANK[:, first : first + bands].any(axis=1)) for first in firsts]
    return [
        (slice(first, first + bands), slice(int(bins[0]), int(bins[-1]) + 1))
        for first, bins in zip(firsts, filled, strict=True)
    ]


_BLOCKS: Final = _blocks(4)
"""Products so small that OpenBLAS starts no threads, whose waiting costs ten times the work."""


def log_mel(samples: Samples) -> Features:
    """Natural log energies, float32 (frames, bands), of 16 kHz mono float32 (n,); only whole frames.

    Raises ValueError when there is no sound at all or it is not one-dimensional.
    """
    if samples.ndim != 1 or samples.size == 0:
        raise ValueError(f"speech features need mono samples (n,), not an array of shape {samples.shape}")
    signal = np.zeros(max(samples.size, FRAME), dtype=np.float32)
    signal[: samples.size] = samples
    signal[1 : samples.size] -= np.float32(PREEMPHASIS) * samples[:-1]
    energies = _energies(_power(sliding_window_view(signal, FRAME)[::HOP]))
    logs: Features = np.log(np.maximum(energies, _SILENCE, out=energies), out=energies)
    return logs


def _power(frames: Samples) -> Features:
    """Power of the tapered, zero-padded frames in each bin: (n, FRAME) -> (n, FFT // 2 + 1).

    By OpenCV in place: a sixth of the time of numpy's transform, half of SciPy's.
    """
    padded = np.zeros((len(frames), FFT), np.float32)
    np.multiply(frames, _TAPER, out=padded[:, :FRAME])
    packed = np.asarray(cv2.dft(padded, padded, flags=cv2.DFT_ROWS), np.float32)
    np.square(packed, out=packed)
    power = np.empty((len(frames), FFT // 2 + 1), np.float32)
    power[:, 0], power[:, -1] = packed[:, 0], packed[:, -1]
    np.add(packed[:, 1:-1:2], packed[:, 2:-1:2], out=power[:, 1:-1])
    return power


def _energies(power: Features) -> Features:
    """Energy in each band: (n, FFT // 2 + 1) -> (n, BANDS); multiplies only what is not zero."""
    energies = np.empty((len(power), BANDS), np.float32)
    for bands, bins in _BLOCKS:
        np.matmul(power[:, bins], _BANK[bins, bands], out=energies[:, bands])
    return energies


def normalise(features: Features) -> Features:
    """Floored 60 dB below the loudest cell, mean of the window removed: the recording's level drops out."""
    floored = np.maximum(features, features.max() - np.float32(_FLOOR))
    return np.asarray(floored - floored.mean(), dtype=np.float32)


def fit_frames(features: Features, frames: int = FRAMES) -> Features:
    """The first `frames` frames; a shorter utterance starts over until they are filled."""
    if len(features) >= frames:
        return features[:frames]
    return np.take(features, np.arange(frames) % len(features), axis=0)


def speech_features(samples: Samples) -> Features:
    """The speech engine's input: 16 kHz mono float32 (n,) of up to 3 s -> float32 (1, BANDS, FRAMES).

    Raises ValueError when there is no sound at all.
    """
    window = samples[: int(WINDOW_SECONDS * SAMPLE_RATE)]
    return np.ascontiguousarray(fit_frames(normalise(log_mel(window))).T[None])
