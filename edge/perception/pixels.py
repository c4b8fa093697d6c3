"""Pictures of any kind made into what the detectors take."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Image", "Resizer", "as_bgr"]

Image = NDArray[np.uint8]
"""BGR uint8 (h, w, 3)."""


def as_bgr(image: NDArray[np.uint8]) -> Image:
    """BGR of a grey, BGR or BGRA picture; a BGR picture is returned as it is."""
    if image.ndim == 2 or image.shape[2] == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if image.shape[2] == 4:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)
    return image


class Resizer:
    """Shrinks pictures into a buffer of its own, which the next call overwrites."""

    def __init__(self) -> None:
        self._buffer: Image = np.empty((0, 0, 3), np.uint8)

    def __call__(self, image: Image, size: tuple[int, int]) -> Image:
        """The picture at `size` (width, height); averages areas when shrinking."""
        height, width = image.shape[:2]
        if (width, height) == size:
            return image
        if self._buffer.shape[:2] != (size[1], size[0]):
            self._buffer = np.empty((size[1], size[0], 3), np.uint8)
        shrinks = size[0] * size[1] < width * height
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        cv2.resize(image, size, dst=self._buffer, interpolation=method)
        return self._buffer
