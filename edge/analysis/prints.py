"""Windows of each stretch of speech go through the voice encoder, while the file is read once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.separation import STEP, Encode, Prints
from edge.analysis.turns import Stretch
from edge.perception.voice_encoder import WINDOW
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["take_prints"]

_LEAST: Final = 0.8


def take_prints(chunks: Iterable[AudioChunk], speech: Sequence[Stretch], encode: Encode) -> list[Prints]:
    """A print of each stretch of 0.8 s or more."""
    found = []
    for stretch, samples in _sounds(iter(chunks), [one for one in speech if one.seconds >= _LEAST]):
        starts, windows = _windows(samples)
        middles = stretch.start + (starts + min(WINDOW, len(samples)) / 2) / SAMPLE_RATE
        found.append(Prints(stretch, middles, encode(windows)))
    return found


def _windows(samples: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Windows of 1.6 s; what is shorter is repeated until it is long enough."""
    if len(samples) < WINDOW:
        return np.zeros(1, np.int64), np.resize(samples, WINDOW)[np.newaxis]
    starts = np.arange(0, len(samples) - WINDOW + 1, int(STEP * SAMPLE_RATE))
    return starts, np.stack([samples[start : start + WINDOW] for start in starts])


def _sounds(
    chunks: Iterator[AudioChunk], speech: Sequence[Stretch]
) -> Iterator[tuple[Stretch, NDArray[np.float32]]]:
    """The samples of each stretch."""
    held: list[AudioChunk] = []
    waiting = iter(speech)
    stretch = next(waiting, None)
    for chunk in chunks:
        held.append(chunk)
        while stretch is not None and chunk.captured_at >= stretch.end:
            yield stretch, _between(held, stretch)
            stretch = next(waiting, None)
        until = stretch.start if stretch is not None else float("inf")
        held = [one for one in held if one.captured_at > until]
    if stretch is not None and held:
        yield stretch, _between(held, stretch)


def _between(held: Sequence[AudioChunk], stretch: Stretch) -> NDArray[np.float32]:
    begin = held[0].captured_at - len(held[0].samples) / SAMPLE_RATE
    samples = np.concatenate([one.samples for one in held])
    first, last = (max(0, round((moment - begin) * SAMPLE_RATE)) for moment in (stretch.start, stretch.end))
    return samples[first:last]
