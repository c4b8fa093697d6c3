"""Random variation of faces, on whole batches: chance is drawn on the processor, noise where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from edge.perception.face_input import FACE_SIZE, MIN_CONTRAST


def there(drawn: Tensor, x: Tensor) -> Tensor:
    """What was drawn on the processor, on the device of x; without waiting for it."""
    return drawn.to(x.device, non_blocking=True)


def standardise(crops: Tensor) -> Tensor:
    """`face_input` on a uint8 or float batch (n, 48, 48): float32 (n, 1, 48, 48), mean 0, deviation 1."""
    pixels = crops.float()
    pixels = pixels - pixels.mean((1, 2), keepdim=True)
    deviation = pixels.square().mean((1, 2), keepdim=True).sqrt()
    return (pixels / deviation.clamp(min=MIN_CONTRAST))[:, None]


@dataclass(frozen=True)
class FaceAugment:
    """Strengths; angles in radians, scale as the log of a factor, shift as a share of half the picture.

    `noise` is that of every second picture, `grain` that of the share `grainy` of all: a camera in the dark.
    A share `blur` is softened, and of those the share `again` once more, and so on. A share `nodding` is
    squeezed and foreshortened as a face that is turned up or down.
    """

    rotation: float = 0.2
    scale: float = 0.14
    shift: float = 0.13
    gamma: float = 0.35
    cutout: float = 0.5
    noise: float = 0.08
    grain: float = 0.45
    grainy: float = 0.2
    blur: float = 0.2
    again: float = 1 / 3
    nodding: float = 0.0

    def __call__(self, crops: Tensor, size: int, zoom: float = 44 / FACE_SIZE) -> Tensor:
        """uint8 (n, 48, 48) -> float32 (n, 1, size, size), on average the inner `zoom` of the crop."""
        exponent = torch.exp(torch.empty(len(crops), 1, 1).uniform_(-self.gamma, self.gamma))
        lit = (crops.float() / 255).clamp(min=1e-4) ** there(exponent, crops) * 255
        warp = there(self._warp(len(crops), zoom), crops)
        grid = self._nodded(warp, size)
        x = functional.grid_sample(standardise(lit), grid, padding_mode="border", align_corners=False)
        return self._cut(self._degrade(x))

    def _warp(self, n: int, zoom: float) -> Tensor:
        angle = torch.empty(n).uniform_(-self.rotation, self.rotation)
        scale = zoom * torch.exp(torch.empty(n).uniform_(-self.scale, self.scale))
        mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
        shift = torch.empty(n, 2).uniform_(-self.shift, self.shift)
        cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
        rows = torch.stack([cosine * mirror, -sine, shift[:, 0], sine * mirror, cosine, shift[:, 1]], 1)
        return rows.view(n, 2, 3)

    def _nodded(self, warp: Tensor, size: int) -> Tensor:
        """Where each pixel of a side is taken from, (n, size, size, 2)."""
        n = len(warp)
        grid = functional.affine_grid(warp, [n, 1, size, size], align_corners=False)
        if self.nodding <= 0:
            return grid
        some = (torch.rand(n, 1, 1) < self.nodding).float()
        tilt = there(some * torch.empty(n, 1, 1).uniform_(-0.22, 0.22), grid)
        squeeze = there(torch.exp(some * torch.empty(n, 1, 1).uniform_(-0.12, 0.2)), grid)
        across, down = grid.unbind(3)
        near = 1 + tilt * down
        return torch.stack([across / near, down * squeeze / near], 3)

    def _degrade(self, x: Tensor) -> Tensor:
        """Softened and noisy pictures keep the contrast they had: run time standardises what it sees."""
        contrast = x.std((1, 2, 3), keepdim=True)
        soft = torch.rand(len(x)) < self.blur
        while soft.any():
            rows = there(soft.nonzero()[:, 0], x)
            x[rows] = functional.avg_pool2d(functional.pad(x[rows], (1, 1, 1, 1), mode="replicate"), 3, 1)
            soft &= torch.rand(len(x)) < self.again
        strength = torch.rand(len(x), 1, 1, 1) * self.noise * (torch.rand(len(x), 1, 1, 1) < 0.5)
        strength += torch.rand(len(x), 1, 1, 1) * self.grain * (torch.rand(len(x), 1, 1, 1) < self.grainy)
        x = x + torch.randn_like(x) * there(strength, x)
        return x * (contrast / x.std((1, 2, 3), keepdim=True).clamp(min=1e-3))

    def _cut(self, x: Tensor) -> Tensor:
        n, size = len(x), x.shape[-1]
        half = torch.randint(size // 10, max(size // 6, size // 10 + 1), (n, 1))
        along = torch.arange(size)[None]
        rows = (along - torch.randint(0, size, (n, 1))).abs() <= half
        columns = (along - torch.randint(0, size, (n, 1))).abs() <= half
        chosen = torch.rand(n, 1, 1) < self.cutout
        return x.masked_fill(there((rows[:, :, None] & columns[:, None, :] & chosen)[:, None], x), 0.0)


def mixup(x: Tensor, alpha: float = 0.2) -> tuple[Tensor, Tensor, float]:
    """Blends the batch with a shuffled self; returns (blend, order, weight of the first)."""
    order = torch.randperm(len(x))
    weight = float(torch.distributions.Beta(alpha, alpha).sample())
    weight = max(weight, 1 - weight)
    order = there(order, x)
    return x * weight + x[order] * (1 - weight), order, weight


def growing_size(progress: float, sizes: tuple[int, ...] = (32, 36, 44)) -> int:
    """Small pictures first, for speed; the full size for the last 30 % of the training, or one size only."""
    stages = (0.35, 0.7)
    return sizes[min(sum(progress >= stage for stage in stages), len(sizes) - 1)]


__all__ = ["FaceAugment", "growing_size", "mixup", "standardise", "there"]
