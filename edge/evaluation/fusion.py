"""Judging fusion rules on paired scores of speech and face."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edge.config.bounded_json import read_json
from edge.errors import DataError
from edge.evaluation.fitting import Stacking, fit_temperature, fit_weights
from edge.evaluation.labels import label_id
from edge.evaluation.metrics import Metrics, confusion, metrics, per_class
from edge.evaluation.own_voices import with_own_baselines
from edge.mood.pooling import (
    UNFITTED,
    FusionParameters,
    fuse_fscore,
    fuse_loglinear,
    fuse_mean,
    fuse_product,
    uniform,
)
from edge.vocabulary import LABELS, softmax

__all__ = [
    "Array",
    "FittedFusion",
    "Ids",
    "Pairs",
    "cross_fitted",
    "evaluate_fusion",
    "fit_fusion",
    "load_folds",
    "load_pairs",
    "load_people",
    "read_stacking",
]

Array = NDArray[np.float64]
Ids = NDArray[np.int64]
_NEUTRAL: Final = LABELS.index("neutral")
_FIGURES: Final = ("accuracy", "uar", "macro_f1", "nll", "ece")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Log probabilities (n, 7) of both senses for the same moments, and the true class ids (n,)."""

    face: Array
    speech: Array
    labels: Ids

    def take(self, rows: NDArray[np.generic]) -> Pairs:
        """The chosen rows (mask or indices)."""
        return Pairs(self.face[rows], self.speech[rows], self.labels[rows])


@dataclass(frozen=True, eq=False)
class FittedFusion:
    """Everything the rules need: temperatures, weights, prior and F1 scores, and stacking where fitted."""

    parameters: FusionParameters
    face_temperature: float = 1.0
    speech_temperature: float = 1.0
    stacking: Stacking | None = None

    def probabilities(self, pairs: Pairs) -> tuple[Array, Array]:
        """Calibrated probabilities of the face and of the speech."""
        return softmax(pairs.face / self.face_temperature), softmax(pairs.speech / self.speech_temperature)

    def rules(self, pairs: Pairs) -> dict[str, Array]:
        """The probabilities each rule gives (n, 7)."""
        face, speech = self.probabilities(pairs)
        results = {
            "mean": fuse_mean(face, speech),
            "product": fuse_product(face, speech),
            "fscore": fuse_fscore(face, speech, self.parameters),
            "loglinear": fuse_loglinear(face, speech, self.parameters),
        }
        if self.stacking is not None:
            results["stacking"] = self.stacking(face, speech)
        return results


def fit_fusion(pairs: Pairs, *, calibrated: bool = False) -> FittedFusion:
    """Temperatures, weights, prior, F1 scores and stacking, all from these pairs.

    `calibrated` scores keep their temperature, as at run time, where the cards' are applied and no other.
    The prior is flat, as models are trained with all emotions alike.
    """
    face_temperature = 1.0 if calibrated else fit_temperature(pairs.face, pairs.labels)
    speech_temperature = 1.0 if calibrated else fit_temperature(pairs.speech, pairs.labels)
    face, speech = softmax(pairs.face / face_temperature), softmax(pairs.speech / speech_temperature)
    parameters = replace(
        fit_weights(face, speech, pairs.labels, uniform()),
        face_f1=_f1(face, pairs.labels),
        speech_f1=_f1(speech, pairs.labels),
    )
    stacking = Stacking.fit(face, speech, pairs.labels)
    return FittedFusion(parameters, face_temperature, speech_temperature, stacking)


def load_pairs(path: Path, visual: str = "visual") -> Pairs:
    """Pairs from an `.npz` with `emotion`, `names`, `audio` and a visual array: logits or probabilities.

    calm is added to neutral. Raises DataError when the file is missing or in another layout.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            names = [str(name) for name in file["names"].tolist()]
            ids, audio, face = file["emotion"].astype(int), file["audio"], file[visual]
    except FileNotFoundError:
        raise DataError(f"no fusion data at {path}: give a .npz of paired scores") from None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} is not fusion data ({error}): it needs emotion, names, audio and {visual}"
        ) from error
    classes = [label_id(name) for name in names]
    known = [i for i in classes if i is not None]
    if (
        set(known) != set(range(len(LABELS)))
        or audio.shape != (len(ids), len(names))
        or face.shape != audio.shape
    ):
        raise DataError(f"{path}: scores must be (n, {len(names)}) over names that cover {', '.join(LABELS)}")
    if not (np.isfinite(audio).all() and np.isfinite(face).all()):
        raise DataError(f"{path}: some scores are not finite; export them again")
    rows = np.array([classes[i] is not None for i in ids])
    labels = np.array([classes[i] for i in ids[rows]], dtype=np.int64)
    return Pairs(_seven(face[rows], classes), _seven(audio[rows], classes), labels)


def load_folds(path: Path) -> Ids | None:
    """The `fold` of each pair, none of whose people is in another one; None where the file names none."""
    return _numbers(path, "fold")


def load_people(path: Path) -> Ids | None:
    """The `actor` of each pair; None where the file names none."""
    return _numbers(path, "actor")


def _numbers(path: Path, name: str) -> Ids | None:
    with np.load(path, allow_pickle=False) as file:
        return file[name].astype(np.int64) if name in file.files else None


def cross_fitted(pairs: Pairs, folds: Ids, people: Ids | None = None) -> dict[str, Metrics]:
    """Figures of each sense and rule, every fold judged as fitted on the others: people apart.

    Where `people` are named, also those of the log-linear rule after each voice's own baseline, learnt
    without labels from all that was said, as of a recording.
    """
    parts: dict[str, list[Array]] = {}
    order = np.concatenate([np.flatnonzero(folds == fold) for fold in np.unique(folds)])
    for fold in np.unique(folds):
        rest, here = pairs.take(folds != fold), folds == fold
        test, fitted = pairs.take(here), fit_fusion(rest)
        face, speech = fitted.probabilities(test)
        results = {"speech alone": speech, "face alone": face, **fitted.rules(test)}
        if people is not None:
            own = with_own_baselines(speech, people[here], float((rest.labels == _NEUTRAL).mean()))
            results["loglinear, own baseline"] = fuse_loglinear(face, own, fitted.parameters)
        for name, p in results.items():
            parts.setdefault(name, []).append(p)
    return {name: metrics(np.concatenate(p), pairs.labels[order]) for name, p in parts.items()}


def evaluate_fusion(
    data: Path,
    *,
    fit: Path | None = None,
    visual: str = "visual",
    shipped: FittedFusion | None = None,
) -> Metrics:
    """Figures of each sense alone and of every rule; at the top those of the shipped (log-linear) rule.

    `fit` names the data from which temperatures, weights and F1 scores come; else they are `shipped`, and
    where the data name folds of people, `people_apart` has the figures of rules fitted on the other folds.
    """
    pairs = load_pairs(data, visual)
    fitting = load_pairs(fit, visual) if fit is not None else None
    fitted = fit_fusion(fitting) if fitting is not None else shipped or FittedFusion(UNFITTED)
    face, speech = fitted.probabilities(pairs)
    rules = {name: _figures(p, pairs.labels) for name, p in fitted.rules(pairs).items()}
    folds = load_folds(data) if fit is None else None
    fits = folds is not None and len(folds) == len(pairs.labels)
    apart = cross_fitted(pairs, folds, load_people(data)) if folds is not None and fits else {}
    return {
        "task": "fusion",
        "n": len(pairs.labels),
        "fit_n": len(fitting.labels) if fitting is not None else 0,
        **metrics(fitted.rules(pairs)["loglinear"], pairs.labels),
        "weights": {"face": fitted.parameters.face_weight, "speech": fitted.parameters.speech_weight},
        "temperatures": {"face": fitted.face_temperature, "speech": fitted.speech_temperature},
        "modalities": {"speech": _figures(speech, pairs.labels), "face": _figures(face, pairs.labels)},
        "rules": rules,
        "people_apart": {name: {key: each[key] for key in _FIGURES} for name, each in apart.items()},
    }


def read_stacking(path: Path) -> Stacking | None:
    """The stacking weights of a `fusion.json`, where it has any."""
    try:
        stored = read_json(path)
        weights = stored.get("stacking") if isinstance(stored, dict) else None
        return None if weights is None else Stacking(np.asarray(weights, dtype=np.float64))
    except (OSError, ValueError, TypeError):
        return None


def _figures(probabilities: Array, labels: Ids) -> Metrics:
    scores = metrics(probabilities, labels)
    return {name: scores[name] for name in _FIGURES}


def _f1(probabilities: Array, labels: Ids) -> Array:
    scores = per_class(confusion(labels, probabilities.argmax(axis=1)))
    return np.array([scores[label]["f1"] for label in LABELS])


def _seven(scores: NDArray[np.generic], classes: list[int | None]) -> Array:
    """Log probabilities of the seven emotions from scores over more or other classes."""
    values = scores.astype(np.float64)
    is_distribution = bool((values >= 0).all()) and bool(np.allclose(values.sum(axis=1), 1, atol=1e-3))
    p = values if is_distribution else softmax(values)
    seven = np.stack([p[:, [c == k for c in classes]].sum(axis=1) for k in range(len(LABELS))], axis=1)
    seven = np.maximum(seven, 1e-9)
    return np.asarray(np.log(seven / seven.sum(axis=1, keepdims=True)))
