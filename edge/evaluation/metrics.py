"""Figures for a classifier of the seven emotions, from probabilities and true labels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.vocabulary import LABELS

__all__ = [
    "Ids",
    "Matrix",
    "Metrics",
    "abstention",
    "by_group",
    "calibration_bins",
    "confusion",
    "ece",
    "interval",
    "metrics",
    "nll",
    "per_class",
    "top2",
    "trusted_from",
    "uar",
]

Matrix = NDArray[np.float64]
Ids = NDArray[np.int64]
Metrics = dict[str, Any]

_BINS: Final = 15
_CLASSES: Final = len(LABELS)
_LADDER: Final = tuple(step / 20 for step in range(19, 2, -1))
"""Confidences 0.95, 0.9, … 0.15."""
_Z: Final = 1.645


def confusion(labels: Ids, guesses: Ids) -> Ids:
    """Counts (7, 7): rows true, columns predicted."""
    return np.bincount(labels * _CLASSES + guesses, minlength=_CLASSES**2).reshape(_CLASSES, _CLASSES)


def uar(labels: Ids, guesses: Ids) -> float:
    """Mean recall over the classes present (unweighted average recall)."""
    counts = confusion(labels, guesses)
    support = counts.sum(axis=1)
    present = support > 0
    return float((np.diag(counts)[present] / support[present]).mean())


def per_class(counts: Ids) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each label; 0 where undefined."""
    hits = np.diag(counts).astype(float)
    support, guessed = counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = hits / np.maximum(guessed, 1), hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(support + guessed, 1)
    return {
        label: {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "support": int(support[i]),
        }
        for i, label in enumerate(LABELS)
    }


def calibration_bins(probabilities: Matrix, labels: Ids, bins: int = _BINS) -> Matrix:
    """Rows of (share of the items, mean confidence, accuracy), one for each filled step of confidence."""
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = [
        (float((which == b).mean()), float(confidence[which == b].mean()), float(hits[which == b].mean()))
        for b in range(bins)
        if (which == b).any()
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def ece(probabilities: Matrix, labels: Ids, bins: int = _BINS) -> float:
    """Expected calibration error: mean distance of confidence from accuracy."""
    rows = calibration_bins(probabilities, labels, bins)
    return float((rows[:, 0] * np.abs(rows[:, 1] - rows[:, 2])).sum())


def nll(probabilities: Matrix, labels: Ids) -> float:
    """Mean negative log-likelihood of the true labels, in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def top2(probabilities: Matrix, labels: Ids) -> tuple[float, float]:
    """Share of items with the first or second guess right; share of the errors with the second right."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    first, second = order[:, 0] == labels, order[:, 1] == labels
    errors = int((~first).sum())
    return float((first | second).mean()), float(second.sum() / errors) if errors else 0.0


def metrics(probabilities: ArrayLike, labels: ArrayLike) -> Metrics:
    """All figures of a classifier: probabilities (n, 7), class ids (n,); everything within 0..1 but `nll`."""
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    guesses = p.argmax(axis=1)
    counts = confusion(y, guesses)
    classes = per_class(counts)
    present = [scores["f1"] for scores in classes.values() if scores["support"]]
    top2_accuracy, second_right = top2(p, y)
    return {
        "n": len(y),
        "accuracy": float((guesses == y).mean()),
        "uar": uar(y, guesses),
        "macro_f1": float(np.mean(present)),
        "per_class": classes,
        "confusion": counts.tolist(),
        "top2_accuracy": top2_accuracy,
        "second_guess_right": second_right,
        "ece": ece(p, y),
        "nll": nll(p, y),
    }


def by_group(probabilities: Matrix, labels: Ids, groups: list[str]) -> dict[str, dict[str, float]]:
    """Size, accuracy and UAR of each named group."""
    names = np.array(groups)
    guesses = probabilities.argmax(axis=1)
    result = {}
    for name in sorted(set(groups) - {""}):
        rows = names == name
        result[name] = {
            "n": int(rows.sum()),
            "accuracy": float((guesses[rows] == labels[rows]).mean()),
            "uar": uar(labels[rows], guesses[rows]),
        }
    return result


def abstention(probabilities: Matrix, labels: Ids, thresholds: ArrayLike) -> list[dict[str, float]]:
    """For each threshold of confidence: the share answered, and the accuracy of the answers."""
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    rows = []
    for threshold in np.asarray(thresholds, dtype=float).tolist():
        answered = confidence >= threshold
        accuracy = float(hits[answered].mean()) if answered.any() else 0.0
        rows.append({"threshold": threshold, "answered": float(answered.mean()), "accuracy": accuracy})
    return rows


def trusted_from(probabilities: Matrix, labels: Ids, right: float) -> float | None:
    """Least confidence from which on answers are right in at least such a share, at 95 % certainty.

    Thresholds are tried from the top down until one fails, so that trying many needs no correction (fixed
    sequence testing; Angelopoulos et al., "Learn then test", arXiv 2110.01052); the lower bound is Wilson's.
    None where even the surest answers cannot be trusted so far.
    """
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    found = None
    for threshold in _LADDER:
        answered = confidence >= threshold
        if answered.any() and _lower_bound(hits[answered]) < right:
            break
        found = threshold if answered.any() else found
    return found


def _lower_bound(hits: NDArray[np.bool_]) -> float:
    """Of a share, one-sided, 95 % (Wilson 1927)."""
    n, share = len(hits), float(hits.mean())
    spread = _Z * float(np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)))
    return (share + _Z**2 / (2 * n) - spread) / (1 + _Z**2 / n)


def interval(hits: ArrayLike, rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of a share."""
    values = np.asarray(hits, dtype=np.float64)
    generator = np.random.default_rng(seed)
    means = values[generator.integers(len(values), size=(rounds, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
