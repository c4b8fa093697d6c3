"""Any decoded picture as BGR uint8, no larger than asked for."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Image", "Size", "fitted", "quiet_opencv", "shrink", "to_bgr", "upright"]

Image = NDArray[np.uint8]
_LOG_ERRORS: Final = 2
"""OpenCV's LOG_LEVEL_ERROR, which version 4 does not name."""


def quiet_opencv() -> None:
    """Keep OpenCV's own warnings off stderr; what matters is raised."""
    set_level = getattr(cv2, "setLogLevel", None)  # OpenCV 4
    (set_level or cv2.utils.logging.setLogLevel)(_LOG_ERRORS)


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


def fitted(width: int, height: int, limit: Size | None, aspect: float = 1.0) -> Size:
    """The size within `limit` that keeps the shape, never enlarged; `aspect`: width by height of a pixel."""
    if aspect > 1:
        height = max(1, round(height / aspect))
    else:
        width = max(1, round(width * aspect))
    if limit is None:
        return Size(width, height)
    scale = min(1.0, limit.width / width, limit.height / height)
    return Size(max(1, round(width * scale)), max(1, round(height * scale)))


def shrink(image: Image, limit: Size | None) -> Image:
    """The picture itself when it fits, else a smaller one."""
    height, width = image.shape[:2]
    size = fitted(width, height, limit)
    if size == (width, height):
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def to_bgr(image: NDArray[Any]) -> Image:
    """Grey (h, w), (h, w, 1), 16-bit and four-channel pictures as BGR uint8 (h, w, 3)."""
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(image[:, :, :3], dtype=np.uint8)


def upright(image: Image, rotation: int) -> Image:
    """The picture turned counter-clockwise by `rotation` degrees, taken to the nearest quarter."""
    quarters = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image
