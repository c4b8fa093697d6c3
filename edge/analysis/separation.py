"""Two speakers of one channel told apart by their voices; pure but for the encoder that is passed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.turns import Stretch

__all__ = ["STEP", "Encode", "Prints", "split"]

Floats = NDArray[np.float32]
Encode = Callable[[Floats], Floats]

STEP: Final = 0.4
"""Seconds between two windows of a voice."""

_STARTS: Final = 12
_ROUNDS: Final = 30
_SWITCH: Final = 0.35
_UNCERTAIN: Final = 0.2
_SHORTEST: Final = 0.3


@dataclass(frozen=True, slots=True)
class Prints:
    """What the voices of one stretch are like: middle of each window in seconds and its unit vector (n, 256).

    They live as long as the file is worked on and are never written.
    """

    stretch: Stretch
    middles: NDArray[np.float64]
    vectors: Floats

    @property
    def mean(self) -> Floats:
        """The stretch as one unit vector."""
        mean = self.vectors.mean(axis=0)
        return np.asarray(mean / (np.linalg.norm(mean) + 1e-9), np.float32)


def split(prints: Sequence[Prints], speech: Sequence[Stretch]) -> tuple[list[Stretch], list[Stretch]]:
    """The speech of the first speaker to be heard, and that of the other, in order of time.

    A stretch without a pause is divided where the voice changes; 0.2 s on both sides of such a place
    belong to nobody. A stretch too short to have a print goes with the one before it.
    """
    if len(prints) < 2:
        return list(speech), []
    centres = _two_centres(np.stack([one.mean for one in prints]), [len(one.vectors) for one in prints])
    told = {one.stretch: _parts(one, centres) for one in prints}
    sides: tuple[list[Stretch], list[Stretch]] = ([], [])
    before = next(iter(told.values()))[0][1]
    first = before
    for stretch in speech:
        for part, side in told.get(stretch, [(stretch, before)]):
            sides[side != first].append(part)
            before = side
    return sides


def _two_centres(vectors: Floats, weights: Sequence[int]) -> Floats:
    """Spherical 2-means, the best of several starts."""
    weight = np.asarray(weights, np.float32)[:, None]
    random = np.random.default_rng(0)
    found: list[tuple[float, Floats]] = []
    for _ in range(_STARTS):
        centres = vectors[random.choice(len(vectors), 2, replace=False)]
        for _ in range(_ROUNDS):
            nearest = (vectors @ centres.T).argmax(axis=1)
            sums = np.stack([(weight * vectors)[nearest == side].sum(axis=0) for side in (0, 1)])
            empty = np.array([not (nearest == side).any() for side in (0, 1)])
            unit = sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-9)
            centres = np.where(empty[:, None], centres, unit)
        fit = float((weight[:, 0] * (vectors @ centres.T).max(axis=1)).sum())
        found.append((fit, np.asarray(centres, np.float32)))
    return max(found, key=lambda one: one[0])[1]


def _parts(one: Prints, centres: Floats) -> list[tuple[Stretch, int]]:
    """The stretch, divided where another voice is more likely than a change costs."""
    sides = _likeliest(one.vectors @ centres.T)
    changes = np.flatnonzero(np.diff(sides))
    borders = [one.stretch.start, *((one.middles[changes] + one.middles[changes + 1]) / 2), one.stretch.end]
    parts = []
    for index, (start, end) in enumerate(pairwise(borders)):
        side = int(sides[changes[index]] if index < len(changes) else sides[-1])
        inner = Stretch(
            float(start) + (_UNCERTAIN if index else 0.0),
            float(end) - (_UNCERTAIN if index < len(changes) else 0.0),
        )
        if inner.seconds >= _SHORTEST:
            parts.append((inner, side))
    return parts or [(one.stretch, int(sides[0]))]


def _likeliest(scores: Floats) -> NDArray[np.int64]:
    """Viterbi over two states: the sum of similarities less a fixed cost for each change."""
    best, came = scores[0].astype(np.float64), np.zeros((len(scores), 2), np.int64)
    for index in range(1, len(scores)):
        other = best[::-1] - _SWITCH
        came[index] = np.where(other > best, [1, 0], [0, 1])
        best = np.maximum(best, other) + scores[index]
    sides = np.empty(len(scores), np.int64)
    sides[-1] = int(best.argmax())
    for index in range(len(scores) - 1, 0, -1):
        sides[index - 1] = came[index, sides[index]]
    return sides
