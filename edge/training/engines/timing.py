"""What an item costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from edge.perception.features import WINDOW_SECONDS, speech_features
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


def preparing() -> float:
    """Milliseconds from 3 s of sound to the speech engine's input; of a face there is nothing to prepare."""
    sound = np.random.default_rng(0).normal(0, 0.1, int(WINDOW_SECONDS * SAMPLE_RATE)).astype(np.float32)
    return milliseconds(speech_features, sound)


__all__ = ["milliseconds", "preparing"]
