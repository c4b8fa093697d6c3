"""How a photograph is judged other than a film: it has no pace to keep, and may be of any emotion.

There is no better picture to wait for either: small, turned and soft faces are judged as well as they can be,
and those who look down are taken at the model's word (called sad, they are labelled so as often as others).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge.config import Config
from edge.config.base import Label
from edge.config.models import CameraConfig, QualityConfig
from edge.inference.auto import unhurried
from edge.mood.usual import ALIKE

__all__ = ["for_photograph"]

_DETAIL: Final = 960
"""Longer side at which faces are looked for: a group of people needs it; nine times a film's work."""
_LIMITS: Final = QualityConfig(
    min_face=20, min_score=0.5, max_yaw=65, max_roll=75, max_lowered=1, min_sharpness=8, max_noise=0.9
)

_RARE: Final[Mapping[Label, float]] = {"disgust": 2.0}
"""What the model was shown too little of: 1.5 % of FER2013's pictures."""


def for_photograph(config: Config) -> Config:
    """The configuration with the full models in the place of `auto`, no emotion expected of a face, a closer
    look for faces, and limits of their quality that are as loose as a photograph's or looser."""
    expected = {
        "face_neutral": ALIKE,
        "newcomer_neutral": ALIKE,
        "face_odds": {**_RARE, **config.fusion.face_odds},
    }
    fusion = config.fusion.model_copy(update=expected)
    whole = unhurried(config)
    camera = _closer(whole.camera, fixed=config.engines.backend == "tensorrt")
    return whole.model_copy(update={"fusion": fusion, "camera": camera})


def _closer(camera: CameraConfig, *, fixed: bool) -> CameraConfig:
    """A detector compiled for one size (`fixed`) stays at that."""
    detector, quality = camera.detector, camera.quality
    if not fixed:
        side = max(detector.longer_side, _DETAIL)
        detector = detector.model_copy(update={"longer_side": side})
    looser = {
        name: (max if name.startswith("max") else min)(getattr(quality, name), limit)
        for name, limit in _LIMITS.model_dump().items()
    }
    return camera.model_copy(update={"detector": detector, "quality": quality.model_copy(update=looser)})
