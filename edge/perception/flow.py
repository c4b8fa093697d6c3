"""Following faces from picture to picture between two detections, by optical flow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import isqrt
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import Face
from edge.perception.picture import Grey, Picture

__all__ = ["Flow", "Motion", "moved"]

Motion = NDArray[np.float64]
"""(2, 3) similarity transform of picture coordinates: how a face moved, turned and grew."""

Part = tuple[slice, slice]

_GRID: Final = 6
"""Points along a side of a face …"""
_LEAST_GRID: Final = 4
_POINTS: Final = 150
"""… and points in all, as far as each face has sixteen."""
_ENOUGH: Final = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 10, 0.03)
_WINDOW: Final = (15, 15)
_LEVELS: Final = 2
_MARGIN: Final = 40
"""Pixels around the points in which they are looked for: further than the coarsest window reaches."""
_ROUND_TRIP: Final = 1.0
_MIN_POINTS: Final = 8
_GROWTH: Final = (0.8, 1.25)


class Flow:
    """Pyramidal Lucas-Kanade on a small grey picture; keeps the previous one."""

    def __init__(self) -> None:
        self._before: Grey | None = None

    def follow(self, picture: Picture, faces: Sequence[Face]) -> list[Motion | None]:
        """How each face moved since the previous picture; None where it cannot be told."""
        now = picture.small
        before, self._before = self._before, now
        if before is None or before.shape != now.shape or not faces:
            return [None] * len(faces)
        return _motions(before, now, faces, (now.shape[1] / picture.width, now.shape[0] / picture.height))

    def forget(self) -> None:
        """Drop the previous picture, when there is nothing to follow."""
        self._before = None


def _motions(
    before: Grey, now: Grey, faces: Sequence[Face], scale: tuple[float, float]
) -> list[Motion | None]:
    side = min(_GRID, max(_LEAST_GRID, isqrt(_POINTS // len(faces))))
    start = np.concatenate([_grid(face, scale, side) for face in faces])
    corner, part = _around(start, before.shape)
    end, good = _track(before[part], now[part], start - corner)
    end += corner
    return [
        _similarity(s[keep] / scale, e[keep] / scale)
        for s, e, keep in zip(
            np.split(start, len(faces)), np.split(end, len(faces)), np.split(good, len(faces)), strict=True
        )
    ]


def _grid(face: Face, scale: tuple[float, float], side: int) -> NDArray[np.float32]:
    corner, size = np.array([face.x, face.y]), np.array([face.w, face.h])
    return np.asarray((corner + _shares(side) * size) * scale, np.float32)


@cache
def _shares(side: int) -> NDArray[np.float64]:
    """Places of the points of a face as shares of its width and height, (side * side, 2)."""
    x, y = np.meshgrid(*[np.linspace(0.15, 0.85, side)] * 2)
    return np.stack([x.ravel(), y.ravel()], 1)


def _around(points: NDArray[np.float32], shape: tuple[int, ...]) -> tuple[NDArray[np.float32], Part]:
    """The part of the picture in which the points can be followed: its corner (x, y), rows and columns."""
    first = np.maximum(points.min(axis=0).astype(int) - _MARGIN, 0)
    last = np.minimum(points.max(axis=0).astype(int) + _MARGIN, (shape[1], shape[0]))
    first = np.minimum(first, np.maximum(last - _MARGIN, 0))
    return first.astype(np.float32), (slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0])))


def _track(
    before: Grey, now: Grey, start: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where the points went, and which of them come back when followed backwards."""
    ahead, there, _ = cv2.calcOpticalFlowPyrLK(
        before, now, start, np.empty_like(start), winSize=_WINDOW, maxLevel=_LEVELS, criteria=_ENOUGH
    )
    end = np.asarray(ahead, np.float32)
    back, here, _ = cv2.calcOpticalFlowPyrLK(
        now, before, end, np.empty_like(start), winSize=_WINDOW, maxLevel=_LEVELS, criteria=_ENOUGH
    )
    error = np.abs(back - start).max(axis=1)
    good = (there.ravel() == 1) & (here.ravel() == 1) & (error < _ROUND_TRIP)
    return end, good


def _similarity(start: NDArray[np.floating], end: NDArray[np.floating]) -> Motion | None:
    if len(start) < _MIN_POINTS:
        return None
    motion, inliers = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=2.0, maxIters=100)
    if motion is None or int(inliers.sum()) < _MIN_POINTS:
        return None
    growth = float(np.hypot(motion[0, 0], motion[1, 0]))
    return np.asarray(motion, np.float64) if _GROWTH[0] < growth < _GROWTH[1] else None


def moved(face: Face, motion: Motion) -> Face:
    """The face after `motion`; its box stays upright."""
    growth = float(np.hypot(motion[0, 0], motion[1, 0]))
    centre = motion @ np.array([face.x + face.w / 2, face.y + face.h / 2, 1.0])
    w, h = face.w * growth, face.h * growth
    points = None
    if face.points is not None:
        points = (face.points @ motion[:, :2].T + motion[:, 2]).astype(np.float32)
    return Face(float(centre[0]) - w / 2, float(centre[1]) - h / 2, w, h, face.score, points)
