"""The picture of a face as the classifier was trained on it: FER2013's framing, grey, 48 x 48."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edge.perception.detector import Face, Framing
from edge.perception.pixels import Image

__all__ = ["crop_face", "crop_square"]

_SIDE: Final = 48


def crop_square(face: Face, framing: Framing) -> tuple[int, int, int]:
    """Left, top and side in whole pixels of FER2013's square around the face; may reach over the border."""
    size = float(np.sqrt(face.w * face.h))
    side = max(2, round(framing.scale * size))
    left = face.x + face.w / 2 - side / 2
    top = face.y + face.h / 2 + framing.shift * size - side / 2
    return round(left), round(top), side


def crop_face(image: Image, face: Face, framing: Framing) -> Image:
    """Grey uint8 (48, 48) of the face in a BGR or grey picture; beyond the border the edge is repeated."""
    left, top, side = crop_square(face, framing)
    height, width = image.shape[:2]
    x1, x2 = _inside(left, left + side, width)
    y1, y2 = _inside(top, top + side, height)
    part = image[y1:y2, x1:x2]
    grey = part if image.ndim == 2 else cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    up, down, before, after = y1 - top, top + side - y2, x1 - left, left + side - x2
    if max(up, down, before, after) > 0:
        grey = cv2.copyMakeBorder(
            grey, max(0, up), max(0, down), max(0, before), max(0, after), cv2.BORDER_REPLICATE
        )
    method = cv2.INTER_AREA if side > _SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=method), np.uint8)


def _inside(first: int, last: int, limit: int) -> tuple[int, int]:
    start = min(max(first, 0), limit - 1)
    return start, max(start + 1, min(last, limit))
