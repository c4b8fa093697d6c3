"""Whether a face is good enough to be judged, and how far its reading can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, atan2, degrees, hypot, log, sqrt
from typing import Final

import cv2
import numpy as np

from edge.config.models import QualityConfig
from edge.perception.detector import Face, Points
from edge.perception.pixels import Image
from edge.perception.ramp import ramp

__all__ = ["Pose", "Quality", "assess", "head_pose", "noise", "sharpness", "visible_share"]

_NOSE_DEPTH: Final = 0.55
"""How far the tip of the nose stands before the eyes, as a share of their distance."""

_USUAL_VARIANCE, _MIN_VARIANCE = 55.0**2, 8.0**2
"""Variance of the grey levels: FER2013's median, and what counts as no contrast at all."""

_LITTLE_NOISE: Final = 0.2
"""Noise as a share of the contrast that costs nothing; of FER2013's own pictures 5 % are above 0.09."""
_DARK: Final = 25.0
"""Mean grey level below which noise is the fault of too little light."""
_SECOND_DIFFERENCE: Final = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32)
"""Blind to edges along rows and columns; of white noise of deviation 1 it makes 6 (Immerkaer 1996)."""
_MEDIAN_TO_DEVIATION: Final = 1.4826

_MIN_VISIBLE: Final = 0.7
"""Share of a face's box that must lie inside the picture."""


@dataclass(frozen=True, slots=True)
class Quality:
    """`value` 0..1, 0 when the face must not be judged; `reasons` then says why."""

    value: float
    reasons: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the face may be judged."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Pose:
    """How far the head is turned and tilted, in degrees; signs as seen in the picture."""

    yaw: float
    roll: float


def assess(face: Face, crop: Image, picture: tuple[int, int], limits: QualityConfig) -> Quality:
    """Judge a face by size, score, pose, sharpness and noise of its 48 x 48 crop, and how much of it is seen.

    `picture` is (width, height) in pixels.
    """
    size = sqrt(face.w * face.h)
    pose = head_pose(face.points)
    sharp, grain = sharpness(crop), noise(crop)
    noisy = grain > limits.max_noise
    dark = float(crop.mean()) < _DARK
    faults = {
        "small": size < limits.min_face,
        "uncertain": face.score < limits.min_score,
        "turned": abs(pose.yaw) > limits.max_yaw,
        "tilted": abs(pose.roll) > limits.max_roll,
        "blurred": sharp < limits.min_sharpness,
        "dark": noisy and dark,
        "noisy": noisy and not dark,
        "cut off": visible_share(face, picture) < _MIN_VISIBLE,
    }
    reasons = tuple(reason for reason, bad in faults.items() if bad)
    if reasons:
        return Quality(0.0, reasons)
    value = ramp(size, limits.min_face, 2 * limits.min_face, 0.6)
    value *= ramp(face.score, limits.min_score, 0.3 * limits.min_score + 0.7, 0.6)
    value *= ramp(abs(pose.yaw), limits.max_yaw, 0.3 * limits.max_yaw, 0.4)
    value *= ramp(abs(pose.roll), limits.max_roll, 0.5 * limits.max_roll, 0.7)
    value *= ramp(log(sharp + 1), log(limits.min_sharpness + 1), log(8 * limits.min_sharpness + 1), 0.5)
    value *= ramp(grain, limits.max_noise, min(_LITTLE_NOISE, limits.max_noise), 0.4)
    return Quality(value)


def head_pose(points: Points | None) -> Pose:
    """Yaw and roll estimated from eyes and nose; straight ahead where there are no points."""
    if points is None:
        return Pose(0.0, 0.0)
    (lx, ly), (rx, ry), (nx, ny) = ((float(x), float(y)) for x, y in points[:3])
    across, down = rx - lx, ry - ly
    distance = hypot(across, down)
    if distance < 1e-3:
        return Pose(90.0, 0.0)
    aside = ((nx - (lx + rx) / 2) * across + (ny - (ly + ry) / 2) * down) / distance**2
    return Pose(degrees(atan(aside / _NOSE_DEPTH)), degrees(atan2(down, across)))


def sharpness(crop: Image) -> float:
    """Variance of the Laplacian of a grey crop brought to FER2013's usual contrast; low when blurred.

    FER2013's own pictures: 5 % are below 1000; blurred by 1.5 px about 70, by 3 px about 13.
    """
    variance = _deviation(crop) ** 2
    return _deviation(cv2.Laplacian(crop, cv2.CV_32F)) ** 2 * _USUAL_VARIANCE / max(variance, _MIN_VARIANCE)


def noise(crop: Image) -> float:
    """Deviation of the noise of a grey crop as a share of its contrast, 0..1; FER2013's own pictures 0.05,
    with noise of 16 grey levels 0.3."""
    grain = cv2.filter2D(crop, cv2.CV_32F, _SECOND_DIFFERENCE)[1:-1, 1:-1]
    deviation = float(np.median(np.abs(grain))) * _MEDIAN_TO_DEVIATION / 6
    return min(1.0, deviation / max(_deviation(crop), 1e-3))


def _deviation(values: cv2.typing.MatLike) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0])


def visible_share(face: Face, picture: tuple[int, int]) -> float:
    """Share of the face's box inside the picture."""
    width, height = picture
    inside = max(0.0, min(face.x + face.w, width) - max(face.x, 0.0))
    inside *= max(0.0, min(face.y + face.h, height) - max(face.y, 0.0))
    return inside / max(face.w * face.h, 1e-9)
