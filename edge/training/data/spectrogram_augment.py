"""Random variation of log-mel spectrograms: other voices, other microphones, hidden parts."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from edge.training.data.face_augment import there

_SMOOTH: Final = 15
"""Bands that a style is averaged over."""
_SOFT: Final = 0.5
"""Added to deviations, in nepers: a steady sound is not blown up."""


def warped(x: Tensor, strength: float) -> Tensor:
    """Bands stretched and moved as by another vocal tract, up to `strength` of the height."""
    if strength <= 0:
        return x
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0] = 1.0
    theta[:, 1, 1] = torch.exp(torch.empty(len(x)).uniform_(-strength, strength))
    theta[:, 1, 2] = torch.empty(len(x)).uniform_(-strength, strength)
    grid = functional.affine_grid(there(theta, x), list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, padding_mode="border", align_corners=False)


def restyled(x: Tensor, chance: float) -> Tensor:
    """Some pictures with the mean and deviation of every band moved towards another's (Freq-MixStyle).

    Both are smoothed over the bands: the room and the microphone change, the harmonics of the voice stay.
    """
    if chance <= 0:
        return x
    mean = _smooth(x.mean(3, keepdim=True))
    spread = _smooth(x.std(3, keepdim=True)) + _SOFT
    order = there(torch.randperm(len(x)), x)
    share = torch.distributions.Beta(0.4, 0.4).sample((len(x), 1, 1, 1))
    share = torch.maximum(share, 1 - share)
    share = there(torch.where(torch.rand(len(x), 1, 1, 1) < chance, share, 1.0), x)
    new_mean = share * mean + (1 - share) * mean[order]
    new_spread = share * spread + (1 - share) * spread[order]
    return (x - mean) / spread * new_spread + new_mean


def _smooth(bands: Tensor) -> Tensor:
    return functional.avg_pool2d(bands, (_SMOOTH, 1), 1, (_SMOOTH // 2, 0), count_include_pad=False)


def stripe(n: int, length: int, most: int) -> Tensor:
    """True in a random stretch of 0 to `most` of each of n rows of a length."""
    width = torch.randint(0, most + 1, (n, 1))
    start = (torch.rand(n, 1) * (length - width)).long()
    along = torch.arange(length)[None]
    return (along >= start) & (along < start + width)


__all__ = ["restyled", "stripe", "warped"]
