"""Fitting an ear: it is to hear in our spectrograms, spoilt or not, what Whisper hears in the sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edge.perception.features import FRAMES
from edge.training.data.fronts import Spectrogram, Stretch
from edge.training.models.ear import Ear
from edge.training.recipes.device import autocast, device_of
from edge.training.recipes.lessons import Lessons
from edge.training.recipes.loop import Batch, Scores
from edge.training.recipes.speech_pictures import Pictures, stacked

_HELD: Final = 128
"""Clips that the ear is judged by, not fitted to."""
_OUTLIER: Final = 25.0
"""The largest squared error of a value that counts, in variances."""
_SOUNDS: Final = 0.3
"""Weight of the error behind the convolutions beside that behind the block."""


@dataclass(frozen=True)
class ImitationRecipe:
    """Batches of an epoch and their size; the shares of pictures that lose ends of their band or get another
    sound, of which Whisper hears nothing; the rates of the convolutions and of the block."""

    batch: int = 32
    steps: int = 100
    band_limits: float = 0.45
    noisy: float = 0.35
    rate: float = 1e-3
    block_rate: float = 2e-4


class ImitationTask:
    """Squared error in units of each channel's deviation; judged by the share of variance explained."""

    name = "imitation"
    metric = "likeness"

    def __init__(
        self,
        ear: Ear,
        variants: Sequence[list[Spectrogram]],
        pictures: Pictures,
        lessons: Lessons,
        recipe: ImitationRecipe,
    ) -> None:
        self.model: nn.Module = ear
        self._recipe, self._lessons = recipe, lessons
        self._variants, self._pictures = variants, pictures
        self._spread = [_deviation(each) for each in (lessons.sounds, lessons.tokens)]
        order = np.random.default_rng(0).permutation(len(lessons.places))
        held = min(_HELD, len(order) // 2)
        self._held, self._rows = order[:held], order[held:]
        convolutions = [*ear.first.parameters(), *ear.second.parameters()]
        rest = [ear.places, *ear.block.parameters()]
        groups = [
            {"params": convolutions, "lr": self._recipe.rate},
            {"params": rest, "lr": self._recipe.block_rate},
        ]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.98))
        ]

    def steps(self) -> int:
        """Batches of an epoch."""
        return self._recipe.steps

    def batches(self, progress: float) -> Iterator[Batch]:  # noqa: ARG002
        """Spectrograms (n, 1, bands, frames), and what Whisper heard: sounds and tokens."""
        generator = np.random.default_rng(int(torch.randint(2**31, ())))
        for _ in range(self.steps()):
            rows = generator.choice(self._rows, self._recipe.batch)
            takes = generator.integers(len(self._variants), size=len(rows))
            yield self._batch(rows, takes, generator)

    def _batch(
        self, rows: NDArray[np.int64], takes: NDArray[np.int64], generator: np.random.Generator | None
    ) -> Batch:
        vary = None if generator is None else partial(self._pictures.varied, generator=generator)
        front, pictures = self._pictures.front, []
        for row, take in zip(rows.tolist(), takes.tolist(), strict=True):
            clip = self._variants[take][row]
            place = _stretched(self._lessons.places[row], len(clip), len(self._variants[0][row]))
            pictures.append(front.picture(clip, place, FRAMES, vary))
        heard = (self._lessons.sounds[rows], self._lessons.tokens[rows])
        return (stacked(pictures), *(torch.from_numpy(each).float() for each in heard))

    def loss(self, batch: Batch, progress: float) -> Tensor:  # noqa: ARG002
        """Of the block's tokens, and less of the convolutions' sounds."""
        x, *wanted = (each.to(device_of(self.model)) for each in batch)
        with autocast(x.device):
            found = self._both(self.model, x)
        sounds, tokens = (
            ((mine.float() - whispers) / spread.to(x.device)).square().clamp(max=_OUTLIER).mean()
            for mine, whispers, spread in zip(found, wanted, self._spread, strict=True)
        )
        return tokens + _SOUNDS * sounds

    @staticmethod
    def _both(ear: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
        assert isinstance(ear, Ear)
        sounds = ear.sounds(x)
        return sounds, ear.block(ear.placed(sounds))

    @torch.no_grad()
    def validate(self, model: nn.Module) -> Scores:
        """The share of the tokens' variance that the ear explains on clips that it was not fitted to."""
        x, _, wanted = self._batch(self._held, np.zeros(len(self._held), dtype=np.int64), None)
        found = self._both(model, x.to(device_of(model)))[1].cpu()
        spread = self._spread[1]
        left = ((found - wanted) / spread).square().mean()
        whole = ((wanted - wanted.mean((0, 1))) / spread).square().mean()
        return {"likeness": float(1 - left / whole)}


def _deviation(heard: NDArray[np.float16], most: int = 1024) -> Tensor:
    """Of each channel, over some clips, with a floor."""
    some = heard[:: max(1, len(heard) // most)].astype(np.float32)
    return torch.from_numpy(some.reshape(-1, some.shape[-1]).std(axis=0) + 0.02)


def _stretched(place: Stretch, length: int, usual: int) -> Stretch:
    """The same part of a variant that is slower or faster than the clip."""
    kept = place.frames if place.frames == FRAMES else min(FRAMES, round(place.frames * length / usual))
    return Stretch(place.start, kept, 0)


__all__ = ["ImitationRecipe", "ImitationTask"]
