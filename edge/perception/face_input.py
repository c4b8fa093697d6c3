"""From grey face crops to what face models take; one definition for training, run time and the graphs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.inference.card import Card
from edge.inference.engine import Batch

__all__ = ["FACE_SIZE", "MIN_CONTRAST", "face_batch", "face_input"]

FACE_SIZE: Final = 48
"""Rows and columns of a crop, as in FER2013."""

MIN_CONTRAST: Final = 4.0
"""Grey levels; a flatter crop is not stretched further, so that noise is not turned into features."""


def face_batch(crops: NDArray[np.uint8], card: Card) -> Batch:
    """Crops (n, 48, 48) or (48, 48) as the model of that card takes them: (n, 1, 48, 48).

    That is as they are where its graph standardises them, else what `face_input` makes of them. Raises
    ValueError as that does.
    """
    return _checked(crops) if card.input.type == "uint8" else face_input(crops)


def face_input(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Each crop to mean 0 and deviation 1: uint8 (n, 48, 48) or (48, 48) -> float32 (n, 1, 48, 48).

    Raises ValueError when the crops have another size or type.
    """
    pixels = _checked(crops).astype(np.float32)
    pixels -= pixels.mean(axis=(2, 3), keepdims=True)
    deviation = np.sqrt(np.square(pixels).mean(axis=(2, 3), keepdims=True))
    pixels /= np.maximum(deviation, np.float32(MIN_CONTRAST))
    return pixels


def _checked(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if crops.dtype != np.uint8 or crops.ndim not in (2, 3) or crops.shape[-2:] != (FACE_SIZE, FACE_SIZE):
        raise ValueError(
            f"face crops must be uint8 (n, {FACE_SIZE}, {FACE_SIZE}), not {crops.dtype} {crops.shape}"
        )
    return crops.reshape(-1, 1, FACE_SIZE, FACE_SIZE)
