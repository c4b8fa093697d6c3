"""Sound cut into the frames of 32 ms that voice activity is told by, the same ones in every pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.perception.vad import FRAME
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["SECONDS", "Slice", "Slicer", "slices"]

SECONDS: Final = FRAME / SAMPLE_RATE
_HOLE: Final = SECONDS
_TOGETHER: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Frames that follow each other: float32 (n, 512), the end of each in seconds, and the first's number."""

    frames: NDArray[np.float32]
    ends: NDArray[np.float64]
    first: int


class Slicer:
    """Cuts chunks into frames and numbers them; what is left over before a hole in the sound is dropped."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._until = 0.0
        self._number = 0

    def cut(self, chunk: AudioChunk) -> Slice:
        """The frames that are whole after this chunk; there may be none."""
        if chunk.captured_at - len(chunk.samples) / SAMPLE_RATE - self._until > _HOLE:
            self._rest = self._rest[:0]
        self._until = chunk.captured_at
        sound = np.concatenate([self._rest, chunk.samples]) if len(self._rest) else chunk.samples
        whole = len(sound) // FRAME
        self._rest = sound[whole * FRAME :]
        ends = self._until - (len(self._rest) + FRAME * np.arange(whole - 1, -1, -1)) / SAMPLE_RATE
        first, self._number = self._number, self._number + whole
        return Slice(sound[: whole * FRAME].reshape(whole, FRAME), ends, first)


def slices(chunks: Iterable[AudioChunk]) -> Iterator[Slice]:
    """All frames of a sound, those of 32 chunks (2 s) at a time; a hole in the sound ends one early."""
    slicer = Slicer()
    held: list[Slice] = []
    for cut in map(slicer.cut, chunks):
        if not len(cut.frames):
            continue
        if len(held) == _TOGETHER or (held and cut.ends[0] - held[-1].ends[-1] > 2 * SECONDS):
            yield _joined(held)
            held = []
        held.append(cut)
    if held:
        yield _joined(held)


def _joined(cuts: Sequence[Slice]) -> Slice:
    frames, ends = np.concatenate([cut.frames for cut in cuts]), np.concatenate([cut.ends for cut in cuts])
    return Slice(frames, ends, cuts[0].first)
