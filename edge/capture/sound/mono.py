"""Several channels as one, without losing the voice when they cancel each other."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.capture.sound.resample import Samples

__all__ = ["Downmix"]

_CANCELS: Final = 0.25
"""Power left by the plain mean, against what unrelated channels would leave, below which they cancel."""

_RECOVERS: Final = 2.0
"""Factor by which that must be exceeded before the plain mean is trusted again."""

_MEMORY: Final = 0.9
_BLOCK: Final = 1024.0
"""Samples for which the memory of the channels' powers fades by `_MEMORY`."""


class Downmix:
    """The mean of all channels; channels of opposite phase are turned round first, as long as they are such.

    A cable soldered the wrong way round gives the same voice twice with opposite signs: the plain mean would
    be silence.
    """

    def __init__(self) -> None:
        self._products: NDArray[np.float64] | None = None
        self._signs: NDArray[np.float32] | None = None

    def __call__(self, samples: Samples) -> Samples:
        """Samples float32 (n, channels) as (n,)."""
        count = samples.shape[1]
        if count == 1 or not len(samples):
            return samples[:, 0]
        self._listen(samples)
        if self._signs is None:
            return np.asarray(samples.mean(axis=1, dtype=np.float32))
        return np.asarray(samples @ (self._signs / count), np.float32)

    def _listen(self, samples: Samples) -> None:
        """Update what is known of the channels: their mutual products, which fade within seconds."""
        products = (samples.T @ samples).astype(np.float64)
        if not np.isfinite(products).all():
            return
        if self._products is None or self._products.shape != products.shape:
            self._products, self._signs = np.zeros_like(products), None
        self._products = self._products * _MEMORY ** (len(samples) / _BLOCK) + products
        each = float(np.trace(self._products))
        if each <= 0.0:
            return
        left = float(self._products.sum()) / each
        if left < _CANCELS:
            loudest = int(np.argmax(np.diag(self._products)))
            self._signs = np.where(self._products[loudest] < 0, -1.0, 1.0).astype(np.float32)
        elif left > _CANCELS * _RECOVERS:
            self._signs = None
