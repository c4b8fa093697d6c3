"""Weights on the way between an engine and what a run made of it (model soups, Wortsman et al. 2022)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from edge.errors import DataError
from edge.inference.card import sha256
from edge.training.engines.export import folded
from edge.training.recipes.loop import read_best
from edge.training.recipes.rows import Row
from edge.training.runs.lab import Lab, calibration_inputs
from edge.training.runs.start import Start, start_document
from edge.training.runs.warm import engine_weights, start_from

SHARES = (0.25, 0.5, 0.75, 1.0)


def blend(lab: Lab, row: Row, engine: Path) -> dict[float, float]:
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
    task, inputs = plain.task(row, Start()), calibration_inputs(row, plain.items(row))
    theirs, ours = engine_weights(engine), dict(folded(lab.trained(row, "last")).state_dict())
    if any(name not in ours or ours[name].shape != weight.shape for name, weight in theirs.items()):
        raise DataError(f"{engine} is of another row than {row.name}")
    best, scores = read_best(lab.folder(row)), {}
    for share in SHARES:
        network = lab.trained(row, "last")
        start_from(network, {name: torch.lerp(w, ours[name], share) for name, w in theirs.items()}, inputs)
        scores[share] = task.validate(network.eval())[task.metric]
        if scores[share] > best:
            best = scores[share]
            lab.replace_best(row, network, best, blended=share)
    return scores
