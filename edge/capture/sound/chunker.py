"""Cuts sound into chunks of one length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from edge.capture.sound.resample import Samples
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["Chunker"]

_LENGTH: Final = 1024
"""Samples of a chunk: 64 ms."""


class Chunker:
    """Collects 16 kHz samples and stamps what it gives with its end in seconds from the start."""

    def __init__(self, start: float = 0.0) -> None:
        self._end = start
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Iterator[AudioChunk]:
        """The chunks that are full after these samples."""
        joined = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(joined) - len(joined) % _LENGTH
        for begin in range(0, whole, _LENGTH):
            yield self._stamp(joined[begin : begin + _LENGTH])
        self._rest = joined[whole:]

    def flush(self) -> Iterator[AudioChunk]:
        """The incomplete rest, if there is one."""
        if len(self._rest):
            yield self._stamp(self._rest)
            self._rest = self._rest[:0]

    def _stamp(self, samples: Samples) -> AudioChunk:
        self._end += len(samples) / SAMPLE_RATE
        return AudioChunk(samples, self._end)
