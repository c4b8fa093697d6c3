"""The picture of a face as the classifier was trained on it: FER2013's framing, grey, 48 x 48, eyes level."""

from __future__ import annotations

from math import ceil, cos, radians, sin
from typing import Final

import cv2
import numpy as np

from edge.perception.detector import Face, Framing
from edge.perception.pixels import Image
from edge.perception.quality import head_pose

__all__ = ["crop_face", "crop_square"]

_SIDE: Final = 48
_LEVEL: Final = 10.0
"""Degrees up to which a tilted head is left as it is: training tilts faces as much."""
_WIDENED: Final = 0.35
"""How much a detector's box of a tilted head grows, of what a square's would: heads are rounder."""


def crop_square(face: Face, framing: Framing) -> tuple[int, int, int]:
    """Left, top and side in whole pixels of FER2013's square around the face; may reach over the border."""
    size = float(np.sqrt(face.w * face.h))
    side = max(2, round(framing.scale * size))
    left = face.x + face.w / 2 - side / 2
    top = face.y + face.h / 2 + framing.shift * size - side / 2
    return round(left), round(top), side


def crop_face(image: Image, face: Face, framing: Framing) -> Image:
    """Grey uint8 (48, 48) of the face in a BGR or grey picture; beyond the border the edge is repeated.

    A head tilted by more than 10 degrees is turned upright.
    """
    left, top, side = crop_square(face, framing)
    tilt = head_pose(face.points).roll
    if abs(tilt) <= _LEVEL:
        return _resized(_part(image, left, top, side), _SIDE)
    reach = abs(cos(radians(tilt))) + abs(sin(radians(tilt)))
    large = ceil(_SIDE * reach)
    more = round(side / (1 + _WIDENED * (reach - 1)) * large / _SIDE / 2) - side // 2
    room = _resized(_part(image, left - more, top - more, side + 2 * more), large)
    return _upright(room, tilt)


def _part(image: Image, left: int, top: int, side: int) -> Image:
    """Grey (side, side), beyond the picture's border its edge repeated."""
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
    return np.asarray(grey, np.uint8)


def _resized(grey: Image, side: int) -> Image:
    method = cv2.INTER_AREA if grey.shape[0] > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (side, side), interpolation=method), np.uint8)


def _upright(room: Image, tilt: float) -> Image:
    """The middle (48, 48) of a larger square, turned by `tilt` degrees."""
    middle = (room.shape[0] - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), tilt, 1.0)
    turn[:, 2] += (_SIDE - 1) / 2 - middle
    turned = cv2.warpAffine(room, turn, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def _inside(first: int, last: int, limit: int) -> tuple[int, int]:
    start = min(max(first, 0), limit - 1)
    return start, max(start + 1, min(last, limit))
