"""Cuts of a film, after which the faces are other people's."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.picture import Picture

__all__ = ["Cuts"]

_SIZE: Final = (32, 18)
_CHANGE: Final = 32.0
_JUMP: Final = 3.0


class Cuts:
    """Compares each picture with the one before, at 32 x 18 grey pixels.

    A cut changes them by 32 of 255 levels in the mean, and three times as much as the picture before did,
    which a pan or a quick movement does not.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._moved = 0.0

    def is_cut(self, picture: Picture) -> bool:
        """Whether another scene begins with this picture."""
        now = np.asarray(cv2.resize(picture.thumb, _SIZE, interpolation=cv2.INTER_AREA), np.float32)
        before, self._before = self._before, now
        if before is None:
            return False
        change, moved = float(np.abs(now - before).mean()), self._moved
        self._moved = change
        return change > max(_CHANGE, _JUMP * moved)
