"""Weights on the way between an engine and what a run made of it (model soups, Wortsman et al. 2022)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from edge.errors import DataError
from edge.inference.card import sha256
from edge.training.models.folding import folded
from edge.training.models.unfolding import engine_weights, start_from
from edge.training.recipes.checkpoint import read_best
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.start import Start
from edge.training.runs.lab import Lab
from edge.training.runs.listening import speech_statistics
from edge.training.runs.networks import trained_network
from edge.training.runs.preparation import face_statistics, prepare, speech_items
from edge.training.runs.provenance import start_document
from edge.training.runs.record import record

_SHARES: Final = (0.25, 0.5, 0.75, 1.0)


def blend(lab: Lab, row: NetworkRow, engine: Path) -> dict[float, float]:
    """Validation scores by the run's share in the weights; the best blend becomes `best.pt` if it is better.

    The run must have started from that engine: between strangers there is nothing. Its last weights are
    blended as an engine has them, with the batch norms folded in.

    Raises DataError when the row was not trained, or began otherwise than from that engine; ModelError when
    that cannot be read.
    """
    begun = start_document(lab.folder(row)).get("engine_sha256", "")
    if begun != sha256(engine):
        raise DataError(
            f"{row.name} did not start from {engine} as it is now (an export replaces engines): only "
            "weights of one descent can be blended"
        )
    plain = replace(lab, variants=0)
    task, inputs = prepare(plain, row, Start()), _statistics(plain, row)
    theirs, ours = engine_weights(engine), dict(folded(trained_network(lab, row, "last")).state_dict())
    if any(name not in ours or ours[name].shape != weight.shape for name, weight in theirs.items()):
        raise DataError(f"{engine} is of another row than {row.name}")
    best, scores = read_best(lab.folder(row)), {}
    for share in _SHARES:
        network = trained_network(lab, row, "last")
        start_from(network, {name: torch.lerp(w, ours[name], share) for name, w in theirs.items()}, inputs)
        scores[share] = task.validate(network.eval())[task.metric]
        if scores[share] > best:
            best = scores[share]
            record(lab, row).replace_best(network, best, blended=share)
    return scores


def _statistics(lab: Lab, row: NetworkRow) -> torch.Tensor:
    if isinstance(row, FaceRow):
        return face_statistics(row, lab.faces())
    assert isinstance(row, SpeechRow)
    return speech_statistics(row, speech_items(lab, row))


__all__ = ["blend"]
