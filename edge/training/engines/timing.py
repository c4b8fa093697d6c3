"""What an item costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from edge.perception.face_input import FACE_SIZE, face_input
from edge.perception.features import WINDOW_SECONDS, speech_features
from edge.training.recipes.row import FaceRow, NetworkRow
from edge.vocabulary import SAMPLE_RATE

Item = TypeVar("Item")


def milliseconds(run: Callable[[Item], object], item: Item, rounds: int = 100) -> float:
    """Fastest of some calls with one item."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        run(item)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def preparing(row: NetworkRow) -> float:
    """Milliseconds from a face's crop, or from 3 s of sound, to the engine's input."""
    generator = np.random.default_rng(0)
    if isinstance(row, FaceRow):
        crop = generator.integers(0, 256, (1, FACE_SIZE, FACE_SIZE), dtype=np.uint8)
        return milliseconds(face_input, crop)
    sound = generator.normal(0, 0.1, int(WINDOW_SECONDS * SAMPLE_RATE)).astype(np.float32)
    return milliseconds(speech_features, sound)


__all__ = ["milliseconds", "preparing"]
