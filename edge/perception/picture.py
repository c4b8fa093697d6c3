"""One picture as the eyes use it: small and grey to follow, a part in colour to search, grey faces to judge.

What several of them need is made once. A film's pictures come as the decoder's planes, of which the grey one
is there already, so that most of them are never turned into colours.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.perception.neighbourhood import Cutout
from edge.perception.pixels import Image, as_bgr
from edge.vocabulary import Frame

__all__ = ["THUMB", "Grey", "Picture"]

Grey = NDArray[np.uint8]
"""(h, w)."""

SMALL: Final = 320
"""Longer side of the picture that faces are followed in."""
THUMB: Final = (64, 48)

_FULL_RANGE: Final = np.clip(np.round((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
"""From the studio levels 16..235 of a film's luminance to 0..255."""


class Picture:
    """`image` is BGR (h, w, 3), grey or BGRA; with `planar` the planes Y, U, V (I420, studio levels)."""

    def __init__(self, image: NDArray[np.uint8], *, planar: bool = False) -> None:
        self.planar = planar
        self.image = image if planar else as_bgr(image)
        height, self.width = self.image.shape[:2]
        self.height = height * 2 // 3 if planar else height

    @classmethod
    def of(cls, frame: Frame) -> Self:
        """The picture of a frame."""
        return cls(frame.image, planar=frame.planar)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def plane(self) -> Image | Grey:
        """What faces are cut out of: BGR, or luminance; `levelled` makes the latter's crops grey."""
        return self.image[: self.height] if self.planar else self.image

    def levelled(self, crop: Grey) -> Grey:
        """A grey crop of `plane` at levels 0..255."""
        return np.asarray(cv2.LUT(crop, _FULL_RANGE), np.uint8) if self.planar else crop

    @cached_property
    def small(self) -> Grey:
        """Grey, with a longer side of 320 pixels at most."""
        scale = min(1.0, SMALL / max(self.size))
        size = max(16, round(self.width * scale)), max(16, round(self.height * scale))
        reduced = _reduced(self.plane, size)
        if self.planar:
            return self.levelled(reduced)
        return np.asarray(cv2.cvtColor(reduced, cv2.COLOR_BGR2GRAY), np.uint8)

    @cached_property
    def thumb(self) -> NDArray[np.float32]:
        """Grey at 64 x 48 pixels, float32 (48, 64)."""
        return _reduced(self.small, THUMB).astype(np.float32)

    def colour(self, part: Cutout | None = None) -> Image:
        """The part reduced as it says, or the whole, BGR."""
        if part is None:
            whole = cv2.cvtColor(self.image, cv2.COLOR_YUV2BGR_I420) if self.planar else self.image
            return np.asarray(whole, np.uint8)
        left, top, width, height, scale = part
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if not self.planar:
            return _reduced(self.image[top : top + height, left : left + width], size)
        luminance = _reduced(self.plane[top : top + height, left : left + width], size)
        rows, columns = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        chroma = [_reduced(plane[rows, columns], size) for plane in self._chroma()]
        return _bgr(luminance, chroma)

    def _chroma(self) -> tuple[Grey, Grey]:
        planes = self.image[self.height :].reshape(2, self.height // 2, self.width // 2)
        return planes[0], planes[1]


def _bgr(luminance: Grey, chroma: list[Grey]) -> Image:
    """BT.601 at studio levels, as OpenCV's own conversion of I420."""
    height, width = luminance.shape
    interleaved = np.empty((height, width, 3), np.uint8)
    blue, red = (cv2.LUT(plane, _CHROMA) for plane in chroma)
    cv2.merge([cv2.LUT(luminance, _FULL_RANGE), red, blue], interleaved)
    return np.asarray(cv2.cvtColor(interleaved, cv2.COLOR_YCrCb2BGR, dst=interleaved), np.uint8)


_CHROMA: Final = np.clip(np.round((np.arange(256) - 128) * (255 / 224) + 128), 0, 255).astype(np.uint8)
"""From 16..240 to the full range of JPEG's YCrCb, which OpenCV converts."""


def _reduced(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if (image.shape[1], image.shape[0]) == size:
        return image
    shrinks = size[0] * size[1] < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
