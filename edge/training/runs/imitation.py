"""Fitting an ear to Whisper on the laboratory's sounds, without their labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from edge.errors import DataError
from edge.inference.card import sha256
from edge.perception.features import FRAMES
from edge.training.data.fronts import OURS
from edge.training.data.smart_turn import smart_turn_weights
from edge.training.models.ear import Ear
from edge.training.models.whisper import Whisper, begin_ear
from edge.training.recipes.checkpoint import read_checkpoint
from edge.training.recipes.imitation import ImitationRecipe, ImitationTask
from edge.training.recipes.lessons import Lessons, moments, whisper_lessons
from edge.training.recipes.loop import Budget, Run
from edge.training.recipes.optimise import Schedule
from edge.training.recipes.speech_pictures import Pictures
from edge.training.runs.lab import Lab
from edge.training.runs.provenance import write_start

EPOCHS: Final = 10
_CHANNELS: Final = 0.5
_FITTED: Final = 400
"""Clips by which Whisper's bands are told from ours."""
_RIDGE: Final = 30.0


def imitate(
    lab: Lab,
    source: Path,
    budget: Budget,
    without: Sequence[str] = (),
    recipe: ImitationRecipe | None = None,
) -> Run:
    """An ear fitted to smart-turn's weights in `source`, as `RUNS/imitation[-without-CORPUS,…]`.

    Goes on with a run that stopped; what is left out is not heard either.

    Raises DataError when the weights are others, or there is no such corpus.
    """
    corpora, ear, recipe = lab.corpora(), Ear(), recipe or ImitationRecipe()
    for name in without:
        corpora.speakers(name)
    whisper = Whisper(smart_turn_weights(source))
    data = lab.speech(OURS, voices=False, channels=_CHANNELS)
    rows = [row for row, clip in enumerate(data.train) if clip.corpus not in without]
    variants = [[take[row] for row in rows] for take in data.variants]
    lessons = whisper_lessons(whisper, [data.train[row] for row in rows], ear.stride)
    torch.manual_seed(lab.seed)
    begin_ear(ear, whisper, *_bands(variants[0], lessons), moments(ear.stride))
    pictures = Pictures(OURS, variants, data.background, recipe.band_limits, recipe.noisy)
    task = ImitationTask(ear, variants, pictures, lessons, recipe)
    folder = lab.runs / "-".join(["imitation", *(["without", ",".join(without)] if without else [])])
    heard = sorted({data.train[row].corpus for row in rows})
    write_start(folder, {"source": source.name, "sha256": sha256(source), "corpora": heard})
    run = Run(folder, budget, schedule=Schedule())
    run.fit(task)
    return run


def _bands(clips: Sequence[Any], lessons: Lessons) -> tuple[Tensor, Tensor]:
    """Whisper's bands of ours by least squares: (80, 64) and a shift (80,)."""
    rows = range(min(_FITTED, len(clips)))
    ours = np.stack([OURS.picture(clips[row], lessons.places[row], FRAMES) for row in rows]).reshape(
        -1, OURS.bands
    )
    at = np.rint(2 * moments(1).numpy()).astype(int)
    theirs = lessons.mels[: len(rows), at].astype(np.float32).reshape(len(ours), -1)
    known = np.concatenate([ours, np.ones((len(ours), 1), np.float32)], axis=1)
    found = np.linalg.solve(known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ theirs)
    return torch.from_numpy(found[:-1].T.copy()).float(), torch.from_numpy(found[-1].copy()).float()


def fitted_ear(path: Path) -> dict[str, Tensor]:
    """The weights of an ear that was fitted. Raises DataError when the file holds something else."""
    state = read_checkpoint(path)
    if state.get("row") != ImitationTask.name:
        raise DataError(f"{path} is no ear: `python -m edge.training imitate` fits one")
    weights: dict[str, Tensor] = state["model"]
    return weights


__all__ = ["EPOCHS", "fitted_ear", "imitate"]
