"""Pictures with a known number of faces, made of the one in the sample clip."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from math import ceil, sqrt
from typing import Final

import cv2
import numpy as np

from edge.capture.files.media_file import MediaFile
from edge.errors import EdgeError
from edge.perception.detector import Detector
from edge.perception.pixels import Image
from edge.samples import sample_clip

__all__ = ["crowd", "moving"]

_AROUND: Final = 0.5
"""Shares of a face's width and height that are shown on each side of it."""
_STEPS: Final = (0, 1, 2, 3, 2, 1)
"""Pixels by which everything moves from picture to picture."""


def crowd(faces: int, size: tuple[int, int], detector: Detector) -> Image:
    """A picture of (width, height) with so many faces side by side, as large as there is room for.

    Raises EdgeError when the detector finds no face in the sample clip.
    """
    head, (width, height) = _head(detector), size
    columns = ceil(sqrt(faces * width / height))
    rows = ceil(faces / columns)
    cell = min(width // columns, height // rows, width // 2)
    one = cv2.resize(head, (cell, cell), interpolation=cv2.INTER_AREA)
    picture = np.full((height, width, 3), 96, np.uint8)
    for number in range(faces):
        row, column = divmod(number, columns)
        picture[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = one
    return picture


def moving(picture: Image) -> Iterator[Image]:
    """The picture again and again, a little to the side each time, without end."""
    return cycle([np.roll(picture, step, axis=1) for step in _STEPS])


def _head(detector: Detector) -> Image:
    for frame in MediaFile(sample_clip()).frames():
        found = detector.detect(frame.image)
        if found:
            face, (height, width) = found[0], frame.image.shape[:2]
            side = max(face.w, face.h) * (1 + 2 * _AROUND)
            left, top = face.x + face.w / 2 - side / 2, face.y + face.h / 2 - side / 2
            rows = slice(max(0, int(top)), min(height, int(top + side)))
            columns = slice(max(0, int(left)), min(width, int(left + side)))
            return frame.image[rows, columns]
    raise EdgeError("the detector finds no face in the sample clip; see `emotion-edge doctor`")
