"""A mouth that talks is neither a surprise nor a smile: readings are steadied while it keeps moving. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.mood.pooling import log_probabilities
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, Reading, softmax

__all__ = ["Talking"]

_SPAN: Final = 1.0
"""Seconds that are looked back."""
_LEAST: Final = 6
_MOVES: Final = 0.02
"""Median motion of the mouth between pictures: an emotion moves it once, talk all the time."""
_EXPLAINED: Final = np.zeros(len(LABELS))
_EXPLAINED[LABELS.index("surprise")] = 0.7
_EXPLAINED[LABELS.index("happy")] = 0.35
"""Logarithm by which an open mouth that talks counts less (docs/models.md)."""

Logs = NDArray[np.float64]
Kept = TypeVar("Kept")


class Talking:
    """Remembers the last second of every face; a face that does not talk is left as it was read."""

    def __init__(self) -> None:
        self._motion: dict[int, deque[tuple[float, float]]] = {}
        self._read: dict[int, deque[tuple[float, Logs]]] = {}

    def compose(self, seen: FaceObservation) -> FaceObservation:
        """The observation with the readings of those who talk as medians of the last second."""
        at = seen.captured_at
        for one in seen.detected:
            if one.mouth is not None:
                self._motion.setdefault(one.track, deque()).append((at, abs(one.mouth)))
        for reading in seen.readings:
            if reading.track is not None:
                row = log_probabilities(reading.probabilities)
                self._read.setdefault(reading.track, deque()).append((at, row))
        _forget(self._motion, at - _SPAN)
        _forget(self._read, at - _SPAN)
        readings = tuple(self._composed(reading) for reading in seen.readings)
        if all(new is old for new, old in zip(readings, seen.readings, strict=True)):
            return seen
        subject = next((one for one in readings if seen.subject and one.track == seen.subject.track), None)
        return replace(seen, readings=readings, subject=subject)

    def _composed(self, reading: Reading) -> Reading:
        if reading.track is None or not self._talks(reading.track):
            return reading
        steady = np.median([row for _, row in self._read[reading.track]], axis=0)
        return replace(reading, probabilities=softmax(steady - _EXPLAINED))

    def _talks(self, track: int) -> bool:
        motion = [amount for _, amount in self._motion.get(track, ())]
        return len(motion) >= _LEAST and float(np.median(motion)) > _MOVES


def _forget(memory: dict[int, deque[tuple[float, Kept]]], moment: float) -> None:
    """Drop what was taken down up to then."""
    for track, kept in list(memory.items()):
        while kept and kept[0][0] <= moment:
            kept.popleft()
        if not kept:
            del memory[track]
