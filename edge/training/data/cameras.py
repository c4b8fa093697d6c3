"""Crops as bad cameras and light make them, before the network standardises them: on whole batches."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.training.data.face_augment import there


@dataclass(frozen=True)
class Cameras:
    """Shares of pictures with light from a side and from above, a lamp behind (haze), too little light (dark
    and noisy), and from a compressed stream or a small face enlarged."""

    slanted: float = 0.3
    haze: float = 0.1
    dark: float = 0.1
    stream: float = 0.12

    def __call__(self, crops: Tensor) -> Tensor:
        """uint8 (n, h, w) -> uint8 (n, h, w)."""
        return self._streamed(self._lit(crops))

    def _lit(self, crops: Tensor) -> Tensor:
        n, height, width = crops.shape
        across = torch.linspace(-1, 1, width) * _some(n, self.slanted) * torch.randn(n, 1, 1) * 0.5
        down = torch.linspace(-1, 1, height)[:, None] * _some(n, self.slanted) * torch.randn(n, 1, 1) * 0.4
        haze = _some(n, self.haze) * torch.rand(n, 1, 1) * 0.5
        dark = _some(n, self.dark)
        gain = 1 - dark * torch.empty(n, 1, 1).uniform_(0.6, 0.92)
        noise = dark * torch.rand(n, 1, 1) * 0.03
        lit = crops.float() / 255 * there(torch.exp(across + down), crops)
        seen = (lit * there(1 - haze, crops) + there(haze, crops)) * there(gain, crops)
        seen = seen.clamp(0, 1) + torch.randn_like(seen) * there(noise, crops)
        return (seen.clamp(0, 1) * 255).round().to(torch.uint8)

    def _streamed(self, crops: Tensor) -> Tensor:
        for row in (torch.rand(len(crops)) < self.stream).nonzero()[:, 0].tolist():
            quality, side = int(torch.randint(12, 71, ())), float(torch.empty(()).uniform_(0.45, 2.0))
            crops[row] = there(torch.from_numpy(_compressed(crops[row].cpu().numpy(), side, quality)), crops)
        return crops


def _some(n: int, share: float) -> Tensor:
    """1 for that share of n pictures, (n, 1, 1)."""
    return (torch.rand(n, 1, 1) < share).float()


def _compressed(crop: NDArray[np.uint8], side: float, quality: int) -> NDArray[np.uint8]:
    """A square crop through JPEG at another size and back."""
    size = len(crop)
    other = max(16, round(size * side))
    small = cv2.resize(crop, (other, other), interpolation=_interpolation(size, other))
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None
    back = cv2.resize(decoded, (size, size), interpolation=_interpolation(other, size))
    return np.asarray(back, dtype=np.uint8)


def _interpolation(before: int, after: int) -> int:
    return cv2.INTER_AREA if after < before else cv2.INTER_LINEAR


__all__ = ["Cameras"]
