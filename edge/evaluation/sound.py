"""Reading clips as the daemon hears them: 16 kHz mono, without the silence around the speech."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from edge.capture.sound.mono import Downmix
from edge.errors import DataError
from edge.vocabulary import SAMPLE_RATE

__all__ = ["Samples", "read_sound", "trim"]

Samples = NDArray[np.float32]

_FRAME, _HOP = 320, 160
_RANGE_DB: Final = 30.0
_MARGIN: Final = SAMPLE_RATE // 10


def read_sound(path: Path) -> Samples:
    """A sound file as float32 (n,), 16 kHz mono.

    Raises DataError when it cannot be read or is empty.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise DataError(f"sound file {path} cannot be read ({error}): fetch it again") from error
    if len(samples) == 0:
        raise DataError(f"sound file {path} is empty: fetch it again")
    mono = np.ascontiguousarray(Downmix()(samples))
    return (
        mono if rate == SAMPLE_RATE else np.asarray(soxr.resample(mono, rate, SAMPLE_RATE), dtype=np.float32)
    )


def trim(samples: Samples) -> Samples:
    """Without the quiet before and after the speech: from 0.1 s before the first frame within 30 dB of the
    loud ones to 0.1 s after the last; a clip without any contrast stays whole."""
    if len(samples) < _FRAME:
        return samples
    frames = sliding_window_view(samples, _FRAME)[::_HOP]
    level = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    loud = np.flatnonzero(level > np.percentile(level, 95) - _RANGE_DB)
    start = max(0, int(loud[0]) * _HOP - _MARGIN)
    end = min(len(samples), int(loud[-1]) * _HOP + _FRAME + _MARGIN)
    return samples[start:end]
