"""Pictures that are the one before once more: a still, or a camera that repeats itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from edge.perception.pixels import Image

__all__ = ["Stills", "identical"]

_STEP: Final = 37
"""Rows and columns between the pixels compared first; hardly any two pictures of a camera agree in them."""


def identical(a: Image, b: Image) -> bool:
    """Whether two pictures agree in every pixel; a few of them mostly tell."""
    if a is b:
        return True
    if a.shape != b.shape or not np.array_equal(a[::_STEP, ::_STEP], b[::_STEP, ::_STEP]):
        return False
    return np.array_equal(a, b)


class Stills:
    """Compares each picture with the one before, which it keeps until then."""

    def __init__(self) -> None:
        self._before: Image | None = None

    def repeats(self, image: Image) -> bool:
        """Whether this is the picture before."""
        before, self._before = self._before, image
        return before is not None and identical(before, image)

    def forget(self) -> None:
        """Let go of the picture."""
        self._before = None
