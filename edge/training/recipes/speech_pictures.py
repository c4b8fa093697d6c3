"""Batches of spectrograms: random variants and stretches, through channels and among other sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from edge.training.data.fronts import Features, Front, Spectrogram, Stretch
from edge.training.data.spectrogram_channels import band_limited, in_background


@dataclass(frozen=True, eq=False)
class Pictures:
    """Of every clip its variants, the first as it is, and sounds without speech; `band_limits` and `noisy`
    are the shares of pictures that lose ends of the band, and that get another sound."""

    front: Front
    variants: list[list[Spectrogram]]
    sounds: list[Spectrogram]
    band_limits: float = 0.0
    noisy: float = 0.0

    def draw(
        self, rows: Sequence[int], takes: Sequence[int], frames: int, generator: np.random.Generator
    ) -> tuple[list[Features], list[Stretch]]:
        """For each row a stretch of its variant `take` (frames, bands), varied, and where it lies."""
        clips = [self.variants[take][row] for row, take in zip(rows, takes, strict=True)]
        stretches = [self.front.stretch(len(clip), frames, generator) for clip in clips]
        vary = partial(self.varied, generator=generator)
        pictures = [
            self.front.picture(clip, stretch, frames, vary)
            for clip, stretch in zip(clips, stretches, strict=True)
        ]
        return pictures, stretches

    def plain(self, rows: Sequence[int], stretches: Sequence[Stretch], frames: int) -> list[Features]:
        """The same stretches of the clips as they are, (frames, bands) each."""
        return [
            self.front.picture(self.variants[0][row], stretch, frames)
            for row, stretch in zip(rows, stretches, strict=True)
        ]

    def sound(self, frames: int, generator: np.random.Generator) -> Features:
        """One without speech, (frames, bands)."""
        sound = self._any_sound(generator)
        return self.front.picture(sound, self.front.stretch(len(sound), frames, generator), frames)

    def varied(self, energies: Features, generator: np.random.Generator) -> Features:
        """Log energies of a stretch (frames, bands), some in another sound, some without ends of the band."""
        if self.sounds and generator.random() < self.noisy:
            energies = in_background(energies, self._any_sound(generator), generator)
        return band_limited(energies, generator) if generator.random() < self.band_limits else energies

    def _any_sound(self, generator: np.random.Generator) -> Spectrogram:
        return self.sounds[int(generator.integers(len(self.sounds)))]


def stacked(pictures: list[Features]) -> Tensor:
    """As a network takes them, (n, 1, bands, frames)."""
    return torch.from_numpy(np.stack(pictures)).transpose(1, 2)[:, None]


__all__ = ["Pictures", "stacked"]
