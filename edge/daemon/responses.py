"""What the daemon tells about itself when asked, and in its info message. Pure."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import onnxruntime

from edge.config import Config, digest
from edge.daemon.health import Health
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.publish.commands import Response, failed, ok
from edge.vocabulary import LABELS, by_label

__all__ = ["answer", "facts"]


def answer(name: str, room: RoomMood, health: Mapping[str, Any]) -> Response:
    """The requests that only need to know: `scores` and `doctor` (the present health)."""
    if name == "scores":
        readings = {key: by_label(reading.probabilities) for key, reading in room.newest.items()}
        return ok(emotion=room.mood.emotion, fused=by_label(room.probabilities), **readings)
    if name == "doctor":
        return ok(**health)
    return failed(f"{name} cannot be answered here")


def facts(config: Config, parameters: FusionParameters, health: Health) -> Mapping[str, object]:
    """The changing part of the info message: the configuration's digest, versions, weights, engines."""
    backends = {"face": health.face, "speech": health.speech}
    engines = {
        name: {"model": getattr(config.engines, name), "backend": meter.backend}
        for name, meter in backends.items()
    }
    return {
        "configuration": digest(config),
        "versions": {"python": platform.python_version(), "onnxruntime": onnxruntime.__version__},
        "fusion": {
            "rule": config.fusion.rule,
            "face_weight": round(parameters.face_weight, 4),
            "speech_weight": round(parameters.speech_weight, 4),
            "prior": {label: round(float(p), 4) for label, p in zip(LABELS, parameters.prior, strict=True)},
            "origin": parameters.origin,
        },
        "engines": engines,
    }
