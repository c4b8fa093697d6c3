"""All figures of a row's readings."""

from __future__ import annotations

from typing import Any

import numpy as np

from edge.evaluation.fitting import fit_temperature
from edge.evaluation.metrics import by_group, interval, metrics, nll, uar
from edge.training.figures.readings import Array, Readings
from edge.training.runs.lab import SEED
from edge.vocabulary import LABELS, softmax

Document = dict[str, Any]


def figures(readings: Readings) -> Document:
    """All figures of a row's validation, calibrated; for speech by corpus and by sex as well."""
    p = readings.probabilities()
    result: Document = {
        **metrics(p, readings.labels),
        "accuracy_interval": interval(p.argmax(axis=1) == readings.labels),
        "temperature": readings.temperature,
        "nll_uncalibrated": nll(softmax(readings.logits), readings.labels),
        "groups": {
            name: by_group(p, readings.labels, values.tolist()) for name, values in readings.groups.items()
        },
    }
    if "corpus" in readings.groups:
        corpora = result["groups"]["corpus"]
        result["mean_uar"] = float(np.mean([scores["uar"] for scores in corpora.values()]))
        result["mean_uar_interval"] = mean_uar_interval(p, readings)
        if len(np.unique(readings.groups["speaker"])) > 1:
            result["ece_across"] = cross_fitted_ece(readings)
    return result


def mean_uar_interval(p: Array, readings: Readings, rounds: int = 1000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean UAR, clips drawn within their corpora; speakers are as they are."""
    generator, guesses = np.random.default_rng(SEED), p.argmax(axis=1)
    corpora = readings.groups["corpus"]
    means = np.zeros(rounds)
    names = np.unique(corpora)
    for name in names:
        own = np.flatnonzero(corpora == name)
        drawn = own[generator.integers(len(own), size=(rounds, len(own)))]
        means += [uar(readings.labels[rows], guesses[rows]) / len(names) for rows in drawn]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def cross_fitted_ece(readings: Readings) -> float:
    """Calibration error of speakers the temperature was not fitted on: halves, each fitting the other."""
    speakers = readings.groups["speaker"]
    names = np.unique(speakers)
    half = np.isin(speakers, names[::2])
    p = np.empty_like(readings.logits)
    for rows in (half, ~half):
        p[rows] = softmax(
            readings.logits[rows] / fit_temperature(readings.logits[~rows], readings.labels[~rows])
        )
    return float(metrics(p, readings.labels)["ece"])


def class_scores(document: Document) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 by label, as a card carries them."""
    return {
        label: {k: document["per_class"][label][k] for k in ("precision", "recall", "f1")} for label in LABELS
    }


def rounded(value: Any, digits: int = 4) -> Any:
    """Floats of a nested document rounded."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return value


__all__ = ["Document", "class_scores", "cross_fitted_ece", "figures", "mean_uar_interval", "rounded"]
