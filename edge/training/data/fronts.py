"""Which spectrogram a speech row looks at, and how a window of it is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from python_speech_features import get_filterbanks

from edge.evaluation.sound import Samples
from edge.perception.features import BANDS, FRAMES, fit_frames, log_mel, normalise
from edge.training.models.origin import MEL_BANDS, MEL_FRAMES
from edge.vocabulary import SAMPLE_RATE

Features = NDArray[np.float32]
Spectrogram = NDArray[np.float16]
Vary = Callable[[Features], Features]
"""A random variation of log energies (frames, bands)."""

RATE, FFT, HOP = 44_100, 2048, 256


def origin_log_mel(samples: Samples) -> Features:
    """96 log-mel bands every 256 samples at 44.1 kHz, as the origin computed them: (frames, 96)."""
    wide = soxr.resample(samples, SAMPLE_RATE, RATE)
    padded = np.pad(wide, FFT // 2, mode="reflect" if len(wide) > FFT // 2 else "constant")
    frames = sliding_window_view(padded, FFT)[::HOP] * np.hanning(FFT).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames, FFT))).astype(np.float32)
    bank = get_filterbanks(MEL_BANDS, FFT, RATE, 0, RATE / 2).T.astype(np.float32)
    return np.asarray(np.log(np.maximum(power @ bank, 1e-10)), dtype=np.float32)


@dataclass(frozen=True)
class Stretch:
    """Where a stretch of a clip begins, as a share of it, its frames, and how far it is rolled."""

    start: float
    frames: int
    roll: int


@dataclass(frozen=True)
class Front:
    """Features of a clip (frames, bands), the window's length in frames and the step between windows."""

    tag: str
    extract: Callable[[Samples], Features]
    bands: int
    frames: int
    shortest: int
    step: int

    def stretch(self, length: int, frames: int, generator: np.random.Generator) -> Stretch:
        """A random stretch of a clip of that many frames; short clips lose up to 15 % and start over."""
        keep = min(frames, max(32, int(length * generator.uniform(0.85, 1.0))), length)
        start = int(generator.integers(length - keep + 1))
        return Stretch(start / length, keep, int(generator.integers(frames)) if keep < frames else 0)

    def picture(
        self, spectrogram: Spectrogram, stretch: Stretch, frames: int, vary: Vary | None = None
    ) -> Features:
        """That stretch (frames, bands), varied, then normalised as at run time; the same words in another
        variant of the clip, which may be slower."""
        n = len(spectrogram)
        keep = min(stretch.frames, n)
        start = min(round(stretch.start * n), n - keep)
        part = spectrogram[start : start + keep].astype(np.float32)
        part = normalise(part if vary is None else vary(part))
        return np.roll(fit_frames(part, frames), stretch.roll, axis=0) if keep < frames else part

    def windows(self, spectrogram: Spectrogram) -> Features:
        """The windows of a clip, about a second apart, (k, 1, bands, frames), as at run time."""
        last = max(0, len(spectrogram) - self.frames)
        starts = sorted({*range(0, last + 1, self.step), last})
        parts = [
            fit_frames(normalise(spectrogram[s : s + self.frames].astype(np.float32)), self.frames).T[None]
            for s in starts
        ]
        return np.stack(parts)


OURS: Final = Front("logmel64-64ms", log_mel, BANDS, FRAMES, 112, 62)
ORIGIN: Final = Front("origin96", origin_log_mel, MEL_BANDS, MEL_FRAMES, MEL_FRAMES, 172)


__all__ = ["ORIGIN", "OURS", "Features", "Front", "Spectrogram", "Stretch", "Vary", "origin_log_mel"]
