"""Varied utterances as telephones, messengers and cheap microphones deliver them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.evaluation.channels import CHANNELS, telephone
from edge.training.data.sound import Augment, Background, SoundAugment

_WEIGHTS: Final = {
    "telephone": 0.3,
    "mobile": 0.12,
    "messenger": 0.16,
    "recording": 0.12,
    "overdriven": 0.08,
    "denoised": 0.1,
    "microphone": 0.12,
}
"""How often each occurs."""


@dataclass(frozen=True)
class ThroughChannel:
    """Another variation (speed, room, noise, voice), of which a share then goes through a random channel."""

    before: Augment = field(default_factory=SoundAugment)
    chance: float = 0.5

    def __call__(
        self, samples: NDArray[np.float32], background: Background, generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """One random variation of an utterance. Raises DataError where FFmpeg lacks an encoder."""
        varied = self.before(samples, background, generator)
        if generator.random() >= self.chance:
            return varied
        shares = np.array(list(_WEIGHTS.values()))
        name = list(_WEIGHTS)[int(generator.choice(len(shares), p=shares / shares.sum()))]
        return CHANNELS[name](varied, int(generator.integers(2**31)))


@dataclass(frozen=True)
class Telephoned:
    """Every utterance through a telephone, as it is."""

    def __call__(
        self,
        samples: NDArray[np.float32],
        background: Background,  # noqa: ARG002
        generator: np.random.Generator,
    ) -> NDArray[np.float32]:
        """Of a line drawn at random."""
        return telephone(samples, int(generator.integers(2**31)))


__all__ = ["Telephoned", "ThroughChannel"]
