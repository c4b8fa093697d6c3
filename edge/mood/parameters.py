"""Fusion parameters from `fusion.json`, the model cards and the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.config.bounded_json import read_json
from edge.config.models import EnginesConfig, FusionConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.auto import settled
from edge.inference.card import Scores, load_card
from edge.mood.pooling import Array, FusionParameters, uniform
from edge.vocabulary import LABELS

Weight = Annotated[float, Field(ge=0, le=5)]


class FusionFile(BaseModel):
    """`fusion.json`, written by training: weights, and the prior keyed by label; further keys are kept."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    face_weight: Weight
    speech_weight: Weight
    prior: dict[str, Annotated[float, Field(gt=0, le=1)]] = {}


def read_parameters(directory: Path, fusion: FusionConfig, engines: EnginesConfig) -> FusionParameters:
    """The fitted parameters, with the weights of the configuration in their place where given.

    Models without a `fusion.json` beside them count alike. In the place of a damaged one stands the one that
    comes with the package, and `problem` says so. Raises ModelError when that is damaged as well, and for
    the rule `fscore` when a card has no scores.
    """
    path, problem = directory / "fusion.json", None
    try:
        file = _read(path) if path.exists() else None
    except ModelError as error:
        packaged = resource("engines") / "fusion.json"
        if packaged == path:
            raise
        file, problem = _read(packaged), f"{error}; the weights that come with the package are used"
    weights = {"face": fusion.face_weight, "speech": fusion.speech_weight}
    configured = [name for name, weight in weights.items() if weight is not None]
    needed = fusion.rule == "fscore"
    engines = settled(engines) if needed else engines
    return FusionParameters(
        face_weight=_first(fusion.face_weight, file.face_weight if file else None),
        speech_weight=_first(fusion.speech_weight, file.speech_weight if file else None),
        prior=_prior(file),
        face_f1=_f1(directory / f"{engines.face}.json", needed=needed),
        speech_f1=_f1(directory / f"{engines.speech}.json", needed=needed),
        origin="configured" if configured else "fitted" if file else "unfitted",
        problem=problem,
    )


def _read(path: Path) -> FusionFile:
    try:
        file = FusionFile.model_validate(read_json(path))
    except ValidationError as error:
        detail = error.errors()[0]
        place = ".".join(str(part) for part in detail["loc"])
        raise ModelError(f"{path}: {place}: {detail['msg']}; fit the fusion again") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; restore it from the release") from error
    if file.prior and set(file.prior) != set(LABELS):
        raise ModelError(f"{path}: prior must have the keys {', '.join(LABELS)}")
    return file


def _first(*weights: float | None) -> float:
    return next((weight for weight in weights if weight is not None), 1.0)


def _prior(file: FusionFile | None) -> Array:
    if file is None or not file.prior:
        return uniform()
    values = np.array([file.prior[label] for label in LABELS])
    return np.asarray(values / values.sum())


def _f1(path: Path, *, needed: bool) -> Array:
    scores: dict[str, Scores] = load_card(path).per_class if needed or path.exists() else {}
    if set(LABELS) <= set(scores):
        return np.array([scores[label].f1 for label in LABELS])
    if needed:
        raise ModelError(f"{path}: no F1 score for every emotion, which fusion.rule fscore needs")
    return np.ones(len(LABELS))
