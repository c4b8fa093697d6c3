"""The one layer behind an ear, fitted at once: multinomial regression on what the ear tells of each clip."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.training.data.corpora import Corpora
from edge.training.data.fronts import OURS
from edge.training.data.sound import load_background
from edge.training.figures.strangers import judge_strangers, speech_strangers
from edge.training.models.ear import Heard
from edge.training.recipes.device import autocast
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.row import SpeechRow
from edge.training.recipes.sampling import class_masks, sampling_weights
from edge.training.recipes.speech_task import uar_by_corpus
from edge.training.recipes.start import Start
from edge.training.runs.imitation import fitted_ear
from edge.training.runs.lab import SEED, Lab
from edge.training.runs.provenance import describe_files, write_start
from edge.training.runs.record import record

_RIDGE: Final = 0.03
"""Of the squared weights, beside the mean loss."""
_WINDOWS: Final = 2
_BATCH: Final = 64
_STEPS: Final = 150
_NEVER: Final = -1e4
_NOTHING: Final = 0.05
"""Weight of sounds without speech, which are to say nothing, beside that of all speech."""

_VARIED: Final = 0.2
"""Share of a window in another room, among noise or through a telephone or the like in a clip's weight."""
_CHANNELS: Final = 0.5

Told = Mapping[Path, Tensor]


def fit_ear(lab: Lab, row: SpeechRow, ear: Path, without: Sequence[str] = ()) -> dict[str, float]:
    """Fit a row that is an ear and one layer; with corpora `without`, once without each, then judged by it.

    Returns the scores on the validation, by the name of the protocol. Raises DataError when the row is
    another one, or the ear has heard whom it is not to know.
    """
    network, start = row.build(), Start(ear=ear.resolve())
    if not isinstance(network, Heard):
        raise DataError(f"{row.name} is no ear with one layer: speech/ear is fitted")
    labs = [lab.with_protocol(StrangersOut(name)) for name in without] or [lab]
    for each in labs:
        each.protocol.check(row, start)
        each.corpora()
    begun = time.monotonic()
    network.ear.load_state_dict(fitted_ear(ear))
    told, varied, sounds = _told(network, lab), _varied(network, lab), _sounds(network, lab)
    scores = {}
    for each in labs:
        values = _values(each.corpora().split("train"), told, varied)
        _fit(network, each.corpora(), values, sounds, row.recipe.aside)
        minutes, found = (time.monotonic() - begun) / 60, _score(network, each.corpora(), told)
        scores[each.protocol.name] = found
        _keep(each, row, network, start, {"minutes": minutes, row.metric: found})
    if without:
        speech_strangers(lab, row)
    return scores


@torch.no_grad()
def _told(network: Heard, lab: Lab) -> Told:
    """The statistics of the first windows of every clip, (windows, values)."""
    clips = lab.corpora().opened().clips
    kept = lab.spectrograms(lab.features(OURS).clean, clips)
    windows = [torch.from_numpy(OURS.windows(kept[clip.path])[:_WINDOWS]) for clip in clips]
    told = torch.split(_statistics(network, torch.cat(windows)), [len(each) for each in windows])
    return {clip.path: each for clip, each in zip(clips, told, strict=True)}


@torch.no_grad()
def _varied(network: Heard, lab: Lab) -> Told:
    """The statistics of the first window of a variation of every training clip, (1, values)."""
    data = lab.speech(OURS, 1, voices=False, channels=_CHANNELS)
    windows = [torch.from_numpy(OURS.windows(each)[:1]) for each in data.variants[-1]]
    told = torch.split(_statistics(network, torch.cat(windows)), 1)
    return {clip.path: each for clip, each in zip(data.train, told, strict=True)}


def _values(clips: Sequence[Clip], told: Told, varied: Told) -> tuple[Tensor, Tensor, Tensor]:
    """Statistics, varied ones last, with the number of each one's clip and its share of that one's weight."""
    counts = torch.tensor([len(told[clip.path]) for clip in clips])
    numbers = torch.arange(len(clips))
    rows = torch.repeat_interleave(numbers, counts)
    values = torch.cat([*(told[clip.path] for clip in clips), *(varied[clip.path] for clip in clips)])
    shares = torch.cat([(1 - _VARIED) / counts[rows], torch.full((len(clips),), _VARIED)])
    return values, torch.cat([rows, numbers]), shares


@torch.no_grad()
def _sounds(network: Heard, lab: Lab) -> Tensor:
    """The statistics of the training's sounds without speech, (windows, values)."""
    background, _ = load_background(lab.data).split(SEED)
    heard = [OURS.windows(OURS.extract(noise).astype(np.float16)) for noise in background.noises]
    return _statistics(network, torch.from_numpy(np.concatenate(heard)))


def _statistics(network: Heard, windows: Tensor) -> Tensor:
    parts = []
    for batch in torch.split(windows, _BATCH):
        with autocast(batch.device):
            parts.append(network.statistics(batch).float())
    return torch.cat(parts)


def _fit(
    network: Heard, corpora: Corpora, heard: tuple[Tensor, Tensor, Tensor], sounds: Tensor, aside: float
) -> None:
    clips, (values, rows, shares) = corpora.split("train"), heard
    network.settle(values[: -len(clips)])
    weights = torch.from_numpy(sampling_weights(clips, aside)).float()[rows] * shares
    masked = _NEVER * (1 - class_masks(corpora, clips)[rows])
    labels = torch.tensor([clip.label or 0 for clip in clips])[rows]
    levelled, nothing, layer = network.levelled(values), network.levelled(sounds), network.emotions
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    search = torch.optim.LBFGS(
        layer.parameters(), max_iter=_STEPS, history_size=10, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        search.zero_grad()
        losses = functional.cross_entropy(layer(levelled) + masked, labels, reduction="none")
        told_nothing = -functional.log_softmax(layer(nothing), 1).mean()
        total: Tensor = (weights * losses).sum() + _NOTHING * told_nothing
        total = total + _RIDGE * layer.weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    search.step(loss)  # type: ignore[no-untyped-call]


@torch.no_grad()
def _score(network: Heard, corpora: Corpora, told: Told) -> float:
    """Mean UAR of the validation's corpora."""
    clips = corpora.split("valid")
    answers = [network.emotions(network.levelled(told[clip.path])).mean(0) for clip in clips]
    return uar_by_corpus(clips, torch.stack(answers).numpy())["uar"]


def _keep(lab: Lab, row: SpeechRow, network: Heard, start: Start, entry: Mapping[str, float]) -> None:
    """The layer as the row's best and last weights, with its log; strangers are judged."""
    own = record(lab, row)
    write_start(own.folder, describe_files(start))
    own.made_at_once(network, entry)
    if isinstance(lab.protocol, StrangersOut):
        judge_strangers(lab, row)


__all__ = ["fit_ear"]
