"""Figures of a face row beside the single view: the mirrored picture averaged in, FER+'s labels."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import nn

from edge.evaluation.faces import Faces
from edge.evaluation.metrics import metrics
from edge.perception.face_input import face_input
from edge.training.data.faces import NOT_A_FACE
from edge.training.figures.judge import picture_logits
from edge.training.models.face import FaceNet
from edge.training.recipes.face_task import face_logits
from edge.training.recipes.row import FaceRow
from edge.training.runs.lab import Lab
from edge.training.runs.record import record
from edge.vocabulary import softmax

_UNKNOWN: Final = 8
"""FER+'s columns from here on are no emotions."""


class _Votes(nn.Module):
    def __init__(self, network: FaceNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network.both(x)[1]


def face_extras(lab: Lab, row: FaceRow, model: nn.Module) -> dict[str, float]:
    """Accuracy on PublicTest with the mirrored view averaged in; of a votes head on FER+'s majority, too.

    Engines have no votes head: a run that kept its engine has none to judge.
    """
    valid = lab.faces().valid
    inputs = torch.from_numpy(face_input(valid.images))
    views = [face_logits(model, each, row.recipe.inner, exact=True) for each in (inputs, inputs.flip(3))]
    found = {"accuracy_mirrored": float(((views[0] + views[1]).argmax(1) == valid.labels).mean())}
    if (
        isinstance(model, FaceNet)
        and "ferplus_votes" in valid.extras
        and not record(lab, row).kept_its_engine
    ):
        votes = face_logits(_Votes(model).eval(), inputs, row.recipe.inner, exact=True)
        found["ferplus_accuracy"] = _ferplus(valid, votes)
    return found


def beside(lab: Lab, row: FaceRow, model: nn.Module, temperature: float) -> dict[str, object]:
    """Figures of the set that is judged beside PublicTest, if there is one."""
    splits = lab.faces()
    if splits.beside is None:
        return {}
    logits = picture_logits(model, splits.beside.images, row).astype(np.float64)
    found = metrics(softmax(logits / temperature), splits.beside.labels)
    names = ("n", "accuracy", "uar", "macro_f1", "ece", "per_class")
    return {"beside": {splits.beside_name: {name: found[name] for name in names}}}


def _ferplus(faces: Faces, logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """On the rows whose most frequent vote is one of FER+'s eight emotions."""
    votes = faces.extras["ferplus_votes"].astype(np.int64)
    majority = votes.argmax(axis=1)
    rows = (majority < _UNKNOWN) & (votes[:, NOT_A_FACE] < 5)
    return float((logits[rows, :_UNKNOWN].argmax(axis=1) == majority[rows]).mean())


__all__ = ["beside", "face_extras"]
