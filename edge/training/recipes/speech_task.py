"""Training a speech row: balanced batches, masked losses, spectrogram augmentation, validation by corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.training.data.corpora import Corpora
from edge.training.data.face_augment import there
from edge.training.data.fronts import OURS, Features, Front, Spectrogram
from edge.training.data.spectrogram_augment import restyled, stripe, warped
from edge.training.recipes.device import autocast, device_of
from edge.training.recipes.engine_teachers import EngineTeachers
from edge.training.recipes.listeners import Listeners
from edge.training.recipes.loop import Batch, Scores
from edge.training.recipes.network_teachers import NetworkTeachers
from edge.training.recipes.optimise import speech_optimizers
from edge.training.recipes.sampling import class_masks, sampling_weights
from edge.training.recipes.speech_pictures import Pictures, stacked
from edge.vocabulary import LABELS

_NEVER: Final = -1e4
"""Logit of a class that a corpus does not have."""


@dataclass(frozen=True)
class SpeechRecipe:
    """What can be varied; `aside` weighs corpora down that nobody is judged by, `background` is the share of
    pictures without speech, `channels` that of variants through a telephone or the like, `band_limits` and
    `noisy` those of pictures that lose ends of their band or get another sound; without `varied` only the
    clips as they are, without `voices` none as another person's; `corpora` are those that are trained on, all
    when empty. `engine_share` and `network_share` are those of the engines and networks that teach in the
    targets; engines hear each picture's stretch as it was before it was varied if `listening`, else each
    variant once."""

    batch: int = 64
    draws: int = 5000
    smoothing: float = 0.1
    mix: float = 0.5
    alpha: float = 0.3
    aside: float = 0.25
    background: float = 0.04
    front: Front = OURS
    varied: bool = True
    voices: bool = True
    channels: float = 0.0
    band_limits: float = 0.0
    noisy: float = 0.0
    corpora: tuple[str, ...] = ()
    listening: bool = False
    bands: int = 8
    stretch: float = 0.15
    tilt: float = 0.5
    warp: float = 0.12
    contrast: float = 0.2
    restyle: float = 0.5
    engine_share: float = 0.7
    network_share: float = 1.0


@dataclass(frozen=True, eq=False)
class SpeechData:
    """Spectrograms (frames, bands): of every training clip several variants, of every validation clip one."""

    corpora: Corpora
    train: list[Clip]
    variants: list[list[Spectrogram]]
    valid: list[Clip]
    valid_clean: list[Spectrogram]
    background: list[Spectrogram] = field(default_factory=list)


class SpeechTask:
    """Cross-entropy over the classes that a corpus has, on random variants and stretches."""

    metric = "uar"

    def __init__(
        self,
        name: str,
        model: nn.Module,
        data: SpeechData,
        *,
        recipe: SpeechRecipe | None = None,
        optimizers: list[torch.optim.Optimizer] | None = None,
        engines: EngineTeachers | None = None,
        listeners: Listeners | None = None,
        networks: NetworkTeachers | None = None,
    ) -> None:
        self.name, self._networks, self._device = name, networks, device_of(model)
        self._listeners = listeners
        self.model: nn.Module = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = optimizers or speech_optimizers(model)
        self._data, self._recipe = data, recipe or SpeechRecipe()
        self._weights = sampling_weights(data.train, self._recipe.aside, self._recipe.corpora)
        self._pictures = Pictures(
            self._recipe.front,
            data.variants,
            data.background,
            self._recipe.band_limits,
            self._recipe.noisy,
        )
        self._masks = class_masks(data.corpora, data.train)
        self._labels = torch.tensor([clip.label or 0 for clip in data.train])
        self._taught = None
        if engines is not None:
            answers = [engines.speech(self._recipe.front, each) for each in data.variants]
            self._taught = torch.from_numpy(np.stack(answers))
        self._valid = [torch.from_numpy(self._recipe.front.windows(each)) for each in data.valid_clean]

    def steps(self) -> int:
        """Batches of an epoch."""
        return self._recipe.draws // self._recipe.batch

    def batches(self, progress: float) -> Iterator[Batch]:  # noqa: ARG002
        """Spectrograms (n, 1, bands, frames), soft labels, class masks, 1 where there is speech (n, 1)."""
        seed = int(torch.randint(2**31, ()))
        generator = np.random.default_rng(seed)
        for _ in range(self.steps()):
            rows = generator.choice(len(self._weights), self._recipe.batch, p=self._weights)
            frames = int(generator.integers(self._recipe.front.shortest, self._recipe.front.frames + 1))
            takes = generator.integers(len(self._data.variants), size=len(rows))
            pictures, stretches = self._pictures.draw(rows.tolist(), takes.tolist(), frames, generator)
            targets, masks = self._targets(torch.from_numpy(takes), torch.from_numpy(rows))
            if self._listeners is not None:
                plain = self._pictures.plain(rows.tolist(), stretches, frames)
                targets = self._listeners(stacked(plain), rows, masks, targets, self._recipe.engine_share)
            spoken = self._add_background(pictures, targets, masks, frames, generator)
            x = stacked(pictures).to(self._device)
            rest = (each.to(self._device) for each in (targets, masks, spoken))
            yield (self._spec_augment(x), *rest)

    def _targets(self, takes: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        masks, smoothing = self._masks[rows], self._recipe.smoothing
        hot = functional.one_hot(self._labels[rows], len(LABELS)).float()
        targets = hot * (1 - smoothing) + smoothing * masks / masks.sum(1, keepdim=True)
        if self._taught is not None:
            taught = self._taught[takes, rows] * masks
            targets = torch.lerp(targets, taught / taught.sum(1, keepdim=True), self._recipe.engine_share)
        return targets, masks.clone()

    def _add_background(
        self,
        pictures: list[Features],
        targets: Tensor,
        masks: Tensor,
        frames: int,
        generator: np.random.Generator,
    ) -> Tensor:
        """Sound without speech says nothing: its label is uniform. Returns 0 for such pictures, (n, 1)."""
        spoken = torch.ones(len(pictures), 1)
        if not self._data.background:
            return spoken
        for index in np.flatnonzero(generator.random(len(pictures)) < self._recipe.background).tolist():
            pictures[index] = self._pictures.sound(frames, generator)
            targets[index], masks[index], spoken[index] = 1 / len(LABELS), 1.0, 0.0
        return spoken

    def _spec_augment(self, x: Tensor) -> Tensor:
        """Random warp, style, contrast, tilt and curve, two masks in frequency and two in time."""
        n, _, bands, frames = x.shape
        contrast = torch.empty(n, 1, 1, 1).uniform_(-self._recipe.contrast, self._recipe.contrast)
        x = x * there(torch.exp(contrast), x)
        x = restyled(warped(x, self._recipe.warp), self._recipe.restyle)
        along = torch.linspace(-1, 1, bands)
        shape = torch.stack([along, along.square() - 1 / 3, torch.sin(along * 4.7)])
        x = x + there(torch.randn(n, 3) * self._recipe.tilt @ shape, x)[:, None, :, None]
        hidden = torch.zeros(n, 1, bands, frames, dtype=torch.bool)
        for _ in range(2):
            hidden |= stripe(n, bands, self._recipe.bands)[:, None, :, None]
            hidden |= stripe(n, frames, int(frames * self._recipe.stretch))[:, None, None, :]
        return x.masked_fill(there(hidden, x), 0.0).contiguous(memory_format=torch.channels_last)

    def loss(self, batch: Batch, progress: float) -> Tensor:
        """Mixed pictures in the first 85 %, each with the classes of both its corpora."""
        x, targets, masks, spoken = batch
        if progress < 0.85 and float(torch.rand(())) < self._recipe.mix:
            order = there(torch.randperm(len(x)), x)
            weight = float(torch.distributions.Beta(self._recipe.alpha, self._recipe.alpha).sample())
            x = x * weight + x[order] * (1 - weight)
            targets = targets * weight + targets[order] * (1 - weight)
            masks = torch.maximum(masks, masks[order])
            spoken = spoken * weight + spoken[order] * (1 - weight)
        with autocast(self._device):
            logits = self.model(x)
        if self._networks is not None:
            taught = self._networks(x) * masks
            share = self._recipe.network_share * spoken
            targets = torch.lerp(targets, taught / taught.sum(1, keepdim=True).clamp(min=1e-6), share)
        masked = logits.float() + _NEVER * (1 - masks)
        return -(targets * functional.log_softmax(masked, 1)).sum(1).mean()

    def validate(self, model: nn.Module) -> Scores:
        """UAR of each corpus over all seven outputs, and their mean as `uar`."""
        logits = clip_logits(model, self._valid)
        return uar_by_corpus(self._data.valid, logits)


@torch.no_grad()
def clip_logits(
    model: nn.Module, inputs: list[Tensor], batch: int = 64, *, exact: bool = False
) -> NDArray[np.float32]:
    """Logits (n, 7) of clips: the mean over each one's windows; `exact` as an engine answers, in float32.

    Raises DataError when there is no clip.
    """
    if not inputs:
        raise DataError("no clip to judge")
    flat, device = torch.cat(inputs), device_of(model)
    parts = []
    for part in torch.split(flat, batch):
        with autocast(device, exact=exact):
            parts.append(model(part.to(device).contiguous(memory_format=torch.channels_last)).float())
    pieces = torch.split(torch.cat(parts).cpu(), [len(x) for x in inputs])
    return np.asarray(torch.stack([piece.mean(0) for piece in pieces]).numpy())


def uar_by_corpus(clips: list[Clip], logits: NDArray[np.float32]) -> Scores:
    """Mean recall over the classes present, corpus by corpus, and the mean over corpora."""
    labels, guesses = np.array([clip.label for clip in clips]), logits.argmax(1)
    corpora = np.array([clip.corpus for clip in clips])
    scores: Scores = {}
    for name in sorted(set(corpora.tolist())):
        rows = corpora == name
        present = np.unique(labels[rows])
        scores[name] = float(np.mean([(guesses[rows & (labels == k)] == k).mean() for k in present]))
    return {"uar": float(np.mean(list(scores.values()))), **scores}


__all__ = [
    "SpeechData",
    "SpeechRecipe",
    "SpeechTask",
    "clip_logits",
    "uar_by_corpus",
]
