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
class Front:
    """Features of a clip (frames, bands), the window's length in frames and the step between windows."""

    tag: str
    extract: Callable[[Samples], Features]
    bands: int
    frames: int
    shortest: int
    step: int

    def random(self, spectrogram: Spectrogram, frames: int, generator: np.random.Generator) -> Features:
        """A random stretch, normalised as at run time; short clips lose up to 15 % and start over."""
        n = len(spectrogram)
        keep = min(frames, max(32, int(n * generator.uniform(0.85, 1.0))), n)
        start = int(generator.integers(n - keep + 1))
        part = normalise(spectrogram[start : start + keep].astype(np.float32))
        if keep == frames:
            return part
        return np.roll(fit_frames(part, frames), int(generator.integers(frames)), axis=0)

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


__all__ = ["ORIGIN", "OURS", "Features", "Front", "Spectrogram", "origin_log_mel"]
