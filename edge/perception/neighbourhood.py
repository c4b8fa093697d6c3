"""Where faces that are known are looked for, and how large the picture must be for that. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Final, NamedTuple

from edge.perception.detector import Face

__all__ = ["Cutout", "neighbourhood", "placed"]

_GRID: Final = 32
_REACH: Final = 0.6
"""Widths of a face that are searched on each side of it."""
_ENOUGH: Final = 96.0
"""Pixels of the network's input from which on a larger face is framed no better (at 72: 3 % lower)."""
_WORTH: Final = 0.5
"""Share of the whole picture's cost above which the whole is searched."""


class Cutout(NamedTuple):
    """A part of a picture, in its pixels, and by how much it is reduced for the network."""

    left: int
    top: int
    width: int
    height: int
    scale: float


def neighbourhood(faces: Sequence[Face], picture: tuple[int, int], longer_side: int) -> Cutout | None:
    """The part of a (width, height) picture that holds all faces and what is near them.

    Never at more pixels than the whole at `longer_side` would have; smaller where the faces are large. None
    where the whole would cost little more, or there is no face.
    """
    if not faces:
        return None
    whole = min(1.0, longer_side / max(picture))
    smallest = min(sqrt(max(face.w * face.h, 1.0)) for face in faces)
    scale = min(whole, _ENOUGH / smallest)
    left, width = _span([(f.x - _REACH * f.w, f.x + (1 + _REACH) * f.w) for f in faces], picture[0], scale)
    top, height = _span([(f.y - _REACH * f.h, f.y + (1 + _REACH) * f.h) for f in faces], picture[1], scale)
    if width * height * scale**2 > _WORTH * picture[0] * picture[1] * whole**2:
        return None
    return Cutout(left, top, width, height, scale)


def placed(face: Face, cutout: Cutout) -> Face:
    """A face found in the reduced cutout, in the picture's pixels."""
    points = face.points
    if points is not None:
        points = points / cutout.scale
        points[:, 0] += cutout.left
        points[:, 1] += cutout.top
    return Face(
        face.x / cutout.scale + cutout.left, face.y / cutout.scale + cutout.top,
        face.w / cutout.scale, face.h / cutout.scale, face.score, points,
    )  # fmt: skip


def _span(wanted: Sequence[tuple[float, float]], limit: int, scale: float) -> tuple[int, int]:
    """Start and length that cover what is wanted, filling the network's grid, inside the picture."""
    first = max(0.0, min(start for start, _ in wanted))
    last = min(float(limit), max(end for _, end in wanted))
    length = min(limit, int(max(1, ceil((last - first) * scale / _GRID)) * _GRID / scale))
    start = round((first + last - length) / 2)
    return min(max(start, 0), limit - length), length
