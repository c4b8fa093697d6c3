"""How far figures may be trusted when the people are few: bootstrap over speakers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.evaluation.metrics import Ids
from edge.vocabulary import LABELS

Counts = NDArray[np.float64]


def speaker_counts(labels: Ids, guesses: Ids, speakers: Sequence[str]) -> Counts:
    """Confusion counts of each speaker (s, 7, 7), rows true."""
    names, rows = np.unique(np.array(speakers), return_inverse=True)
    counts = np.zeros((len(names), len(LABELS), len(LABELS)))
    np.add.at(counts, (rows.reshape(-1), labels, guesses), 1.0)
    return counts


def uar_of_counts(counts: Counts) -> NDArray[np.float64]:
    """Mean recall over the classes present, of confusion counts (..., 7, 7)."""
    support = counts.sum(axis=-1)
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    recall = np.divide(hits, support, out=np.zeros_like(support), where=support > 0)
    return np.asarray(recall.sum(axis=-1) / np.maximum((support > 0).sum(axis=-1), 1))


def drawn_uar(counts: Counts, rounds: int = 1000, seed: int = 0) -> NDArray[np.float64]:
    """UAR (rounds,) of speakers drawn anew each time, with replacement, from counts (s, 7, 7)."""
    generator = np.random.default_rng(seed)
    times = generator.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=rounds)
    return uar_of_counts(np.tensordot(times.astype(np.float64), counts, axes=1))


def span_of(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of drawn values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


__all__ = ["Counts", "drawn_uar", "span_of", "speaker_counts", "uar_of_counts"]
