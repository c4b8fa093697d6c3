"""Whether anything but the known faces has changed, so that somebody may have come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import Face
from edge.perception.picture import THUMB, Picture

__all__ = ["Surroundings"]

_PATCH: Final = (3, 3)
_STIRRED: Final = 10.0
"""Grey levels that a patch of a twentieth of the picture must change by."""
_HAIR: Final = 0.6
"""Widths and heights of a face around it that move with it; below it is a body, as much wider again."""


class Surroundings:
    """Remembers the picture that was last searched as a whole, at 64 x 48 grey pixels."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def stirred(self, picture: Picture, faces: Sequence[Face]) -> bool:
        """Whether the picture differs from the remembered one beside the people; light does not count."""
        if self._before is None:
            return True
        difference = picture.thumb - self._before
        patches = cv2.blur(np.abs(difference - np.median(difference)), _PATCH)
        for face in faces:
            rows, columns = _cells(face, *picture.size)
            patches[rows, columns] = 0.0
        return bool(patches.max() > _STIRRED)

    def remember(self, picture: Picture) -> None:
        """This picture was searched as a whole."""
        self._before = picture.thumb

    def forget(self) -> None:
        """The next picture is another scene."""
        self._before = None


def _cells(face: Face, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of a face and of the body below it."""
    across, down = THUMB[0] / width, THUMB[1] / height
    left, right = face.x - 2 * _HAIR * face.w, face.x + (1 + 2 * _HAIR) * face.w
    top = max(0, int((face.y - _HAIR * face.h) * down))
    return slice(top, None), slice(max(0, int(left * across)), max(0, int(right * across) + 1))
