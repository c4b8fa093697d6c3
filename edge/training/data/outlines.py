"""Faces cut out along their outline, on black: the outline must not be learnt, so it is filled."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.training.data.face_augment import there

_BLACK: Final = 8
"""Grey levels below this, joined to the border, are outside."""
_WHOLE: Final = 0.99
"""A pixel of a moved face that is less of it than this is outside."""
_RIM: Final = np.ones((3, 3), dtype=np.uint8)


def outside(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What is black and joined to the border of pictures (n, h, w), flooded from their corners.

    The rim of a pixel where black was blended into the face belongs to it: left, it would tell of the cut.
    """
    found = np.empty(images.shape, dtype=np.bool_)
    for index, image in enumerate(images):
        dark = np.pad(image < _BLACK, 1, constant_values=True).astype(np.uint8)
        _, areas = cv2.connectedComponents(dark, connectivity=4)
        flooded = (areas == areas[0, 0]).astype(np.uint8)
        flooded[0], flooded[-1], flooded[:, 0], flooded[:, -1] = 0, 0, 0, 0
        found[index] = cv2.dilate(flooded, _RIM)[1:-1, 1:-1] > 0
    return found


def levelled(images: NDArray[np.uint8], outlines: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Pictures (n, h, w) with the mean grey of the face outside its outline, to judge by."""
    result: NDArray[np.uint8] = images.copy()
    for image, outline in zip(result, outlines, strict=True):
        if outline.any() and not outline.all():
            image[outline] = int(image[~outline].mean())
    return result


def zoomed_out(pictures: Tensor, outlines: Tensor, most: float) -> tuple[Tensor, Tensor]:
    """Cut-out faces (n, h, w) uint8 and their outlines, two thirds of them smaller by up to exp(`most`) and
    moved: faces that fill their square more tightly than a detector's crop become like those."""
    n, height, width = pictures.shape
    scale = torch.exp(torch.rand(n) * most * (torch.rand(n) < 0.65))
    warp = torch.zeros(n, 2, 3)
    warp[:, 0, 0] = warp[:, 1, 1] = scale
    warp[:, :, 2] = torch.empty(n, 2).uniform_(-1, 1) * ((scale - 1) * 0.7)[:, None]
    grid = functional.affine_grid(there(warp, pictures), [n, 2, height, width], align_corners=False)
    both = torch.stack([pictures.float(), (~outlines).float()], 1)
    moved, inside = functional.grid_sample(both, grid, align_corners=False).unbind(1)
    return moved.round().to(torch.uint8), inside < _WHOLE


def refilled(pictures: Tensor, outlines: Tensor, others: Tensor) -> Tensor:
    """Pictures (n, h, w) uint8 with something else outside their outlines (n, h, w), for training.

    In equal shares another picture's pixels (of `others`, (m, h, w)), noise, a ramp of light, and one grey.
    """
    n, height, width = pictures.shape
    level, slope = torch.rand(n, 1, 1) * 255, torch.randn(n, 2, 1, 1) * 60
    noise = level + torch.randn(n, height, width) * torch.rand(n, 1, 1) * 60
    down, across = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)[None]
    ramp = level + slope[:, 0] * down + slope[:, 1] * across
    kind = torch.randint(4, (n, 1, 1))
    made = torch.where(kind == 1, noise, torch.where(kind == 2, ramp, level.expand(n, height, width)))
    made = there(made.clamp(0, 255).to(torch.uint8), pictures)
    chosen = others[there(torch.randint(len(others), (n,)), pictures)]
    result: Tensor = torch.where(outlines, torch.where(there(kind == 0, pictures), chosen, made), pictures)
    return result


__all__ = ["levelled", "outside", "refilled", "zoomed_out"]
