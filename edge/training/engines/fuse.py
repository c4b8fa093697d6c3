"""Fitting the shipped fusion on pairs of our own validation readings, and the study of fusion rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.fusion import (
    FittedFusion,
    Pairs,
    cross_fitted,
    fit_fusion,
    load_folds,
    load_pairs,
    load_people,
)
from edge.evaluation.metrics import Metrics, metrics
from edge.training.figures.judge import FUSED
from edge.training.figures.readings import Readings, load_readings
from edge.training.figures.scores import rounded
from edge.training.recipes.rows import find_row
from edge.training.runs.lab import SEED, Lab
from edge.vocabulary import LABELS, softmax

_PER_CLASS: Final = 300
SIMULATED: Final = (
    "pairs of a validation face and a validation voice with the same label, drawn at random, people not "
    "trained on; one half of the clips for fitting, the other for measuring, the same speakers in both "
    "(two independent witnesses of one emotion; not one person whose face and voice agree or differ, speak "
    "at once or are hidden, nor how often each emotion occurs)"
)


def own_pairs(lab: Lab, half: int, seed: int = SEED, worse: str = "") -> Pairs:
    """Calibrated log probabilities, equally many pairs of each emotion, from one half (0, 1) of the readings;
    those of the sense `worse` (face, speech) are of degraded input.

    Raises DataError when a row has not been judged.
    """
    face, speech = (load_readings(lab.folder(find_row(name)) / "readings.npz").half(half) for name in FUSED)
    generator = np.random.default_rng(seed)
    chosen = [
        (_draw(face, k, generator), _draw(speech, k, generator), np.full(_PER_CLASS, k))
        for k in range(len(LABELS))
    ]
    faces, voices, labels = (np.concatenate(part) for part in zip(*chosen, strict=True))
    face = face.worse() if worse == "face" else face
    speech = speech.worse() if worse == "speech" else speech
    return Pairs(_log(face, faces), _log(speech, voices), labels.astype(np.int64))


def _draw(readings: Readings, label: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows of a label; for speech every corpus that has it counts alike."""
    rows = np.flatnonzero(readings.labels == label)
    if len(rows) == 0:
        raise DataError(f"too few readings to fit a fusion: no {LABELS[label]} in one half of a validation")
    corpora = readings.groups.get("corpus")
    if corpora is None:
        return generator.choice(rows, _PER_CLASS)
    names, counts = np.unique(corpora[rows], return_counts=True)
    weights = 1.0 / counts[np.searchsorted(names, corpora[rows])]
    return generator.choice(rows, _PER_CLASS, p=weights / weights.sum())


def _log(readings: Readings, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log(np.maximum(softmax(readings.logits[rows] / readings.temperature), 1e-9))


def study(fit: Pairs, test: Pairs) -> dict[str, Metrics]:
    """Each sense alone and every rule, fitted on one part and tested on the other, as at run time."""
    fitted = fit_fusion(fit, calibrated=True)
    face, speech = fitted.probabilities(test)
    results = {"speech alone": speech, "face alone": face, **fitted.rules(test)}
    return {name: metrics(p, test.labels) for name, p in results.items()}


def _figures(results: dict[str, Metrics]) -> dict[str, Metrics]:
    return {
        name: {key: scores[key] for key in ("accuracy", "uar", "nll", "ece")}
        for name, scores in results.items()
    }


def cross_study(
    path: Path, visual: str = "visual", blur: float = 0.0, noise: float = 0.0
) -> dict[str, Metrics]:
    """Posteriors of real pairs, each fold of actors tested with the rules fitted on the other four.

    `blur` and `noise` degrade the face's and the speech's scores (Gaussian noise on the log probabilities).
    Raises DataError when the file has no folds.
    """
    folds = load_folds(path)
    if folds is None:
        raise DataError(f"{path} names no folds of people")
    return cross_fitted(_degraded(load_pairs(path, visual), blur, noise), folds, load_people(path))


def _degraded(pairs: Pairs, face: float, speech: float) -> Pairs:
    generator = np.random.default_rng(SEED)
    return Pairs(
        pairs.face + face * generator.normal(size=pairs.face.shape),
        pairs.speech + speech * generator.normal(size=pairs.speech.shape),
        pairs.labels,
    )


def write_fusion(lab: Lab, folder: Path) -> FittedFusion:
    """`folder/fusion.json`: weights fitted on half of the pairs, figures on the other half."""
    fit, test = own_pairs(lab, 0), own_pairs(lab, 1)
    fitted = fit_fusion(fit, calibrated=True)
    parameters = fitted.parameters
    worse = {sense: _figures(study(fit, own_pairs(lab, 1, worse=sense))) for sense in ("face", "speech")}
    document = {
        "face_weight": parameters.face_weight,
        "speech_weight": parameters.speech_weight,
        "prior": {label: float(p) for label, p in zip(LABELS, parameters.prior, strict=True)},
        "fitted_on": f"{len(fit.labels)} {SIMULATED}",
        "metrics": {"n": len(test.labels), **_figures(study(fit, test))},
        "metrics_degraded": worse,
        "stacking": fitted.stacking.weights.tolist() if fitted.stacking is not None else None,
        "command": "python -m edge.training fuse",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fusion.json").write_text(json.dumps(rounded(document)) + "\n", encoding="utf-8")
    return fitted


__all__ = ["SIMULATED", "cross_study", "own_pairs", "study", "write_fusion"]
