"""Sound of any rate and any number of channels as 16 kHz mono, as it comes."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.vocabulary import SAMPLE_RATE

__all__ = ["Resampler", "Samples", "to_float"]

Samples = NDArray[np.float32]


def to_float(samples: NDArray[Any]) -> Samples:
    """Integer samples scaled to -1..1 (unsigned 8-bit around 128); not-finite floats become 0."""
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(samples.dtype, np.integer):
        return (samples / -float(np.iinfo(samples.dtype).min)).astype(np.float32)
    return np.nan_to_num(samples.astype(np.float32, copy=False), nan=0.0, posinf=0.0, neginf=0.0)


class Resampler:
    """A streaming resampler: mono float32 at `rate` Hz comes out at 16 kHz, a little later."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream: Any = None
        if rate != SAMPLE_RATE:
            self._stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        self._taken = 0
        self._given = 0

    @property
    def pending(self) -> float:
        """Seconds of sound taken that have not come out yet."""
        return self._taken / self._rate - self._given / SAMPLE_RATE

    def feed(self, samples: Samples, *, last: bool = False) -> Samples:
        """The sound that is ready after these samples; with `last`, all of it."""
        self._taken += len(samples)
        if self._stream is None:
            ready = samples
        else:
            ready = np.asarray(self._stream.resample_chunk(np.ascontiguousarray(samples), last=last))
        self._given += len(ready)
        return ready
