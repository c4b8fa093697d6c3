"""Engines unfolded into networks, to hear every batch of a speech row's training."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from edge.errors import DataError
from edge.training.models.unfolding import engine_weights, start_from
from edge.training.recipes.listeners import Listener, Listeners
from edge.training.recipes.row import SpeechRow
from edge.training.recipes.rows import ROWS
from edge.training.recipes.speech_task import SpeechData
from edge.training.recipes.start import Teacher
from edge.training.runs.provenance import trained_speakers

_STATISTICS: Final = 512
"""Clips that the statistics of an unfolded engine are taken from."""


def speech_statistics(row: SpeechRow, data: SpeechData) -> torch.Tensor:
    """First windows of training clips (n, 1, bands, frames), evenly chosen, to unfold an engine with."""
    clips = data.variants[-1]
    chosen = clips[:: max(1, len(clips) // _STATISTICS)]
    return torch.from_numpy(np.concatenate([row.recipe.front.windows(each)[:1] for each in chosen]))


def open_listeners(
    row: SpeechRow, data: SpeechData, engines: Iterable[Teacher], device: torch.device
) -> Listeners:
    """Engines of the row, or of another one that hears the same, each for the people of its card, in the
    corpora it is told.

    Raises DataError when one cannot be read, has no card, is of no row that hears what this one does or is
    told a corpus that there is not.
    """
    inputs = speech_statistics(row, data)
    return Listeners([_listener(row, data, each, inputs) for each in engines], device)


def _listener(row: SpeechRow, data: SpeechData, teacher: Teacher, inputs: torch.Tensor) -> Listener:
    for corpus in teacher.corpora:
        data.corpora.speakers(corpus)
    network, people = _unfolded(row, teacher.path, inputs), trained_speakers(teacher.path)
    knows = [
        (not people or clip.speaker in people) and (not teacher.corpora or clip.corpus in teacher.corpora)
        for clip in data.train
    ]
    return Listener(network, _temperature(teacher.path), np.array(knows), teacher.share)


def _unfolded(row: SpeechRow, engine: Path, inputs: torch.Tensor) -> nn.Module:
    weights = engine_weights(engine)
    others = (each for each in ROWS.values() if isinstance(each, SpeechRow) and each.name != row.name)
    for other in (row, *others):
        network = other.build()
        if other.recipe.front != row.recipe.front or not _fits(network, weights):
            continue
        start_from(network, weights, inputs)
        return network.eval()
    raise DataError(f"{engine} is of no row that hears what {row.name} does")


def _fits(network: nn.Module, weights: dict[str, torch.Tensor]) -> bool:
    """Whether every convolution of the network is there in its size."""
    kernels = {name: each for name, each in network.state_dict().items() if each.ndim == 4}
    shapes = {name: each.shape for name, each in weights.items()}
    return bool(kernels) and all(shapes.get(name) == each.shape for name, each in kernels.items())


def _temperature(engine: Path) -> float:
    try:
        return float(json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))["temperature"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"no teacher at {engine}: it needs the engine and its card ({error})") from error


__all__ = ["open_listeners", "speech_statistics"]
