"""What the daemon tells about itself when asked, and in its info message. Pure."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import onnxruntime

from edge.config import Config, digest
from edge.daemon.health import Health
from edge.daemon.rooms import Room, Rooms
from edge.publish.commands import Response, failed, ok
from edge.vocabulary import LABELS, by_label

__all__ = ["answer", "facts"]


def answer(name: str, rooms: Rooms, health: Mapping[str, Any]) -> Response:
    """The requests that only need to know: `scores` and `doctor` (the present health)."""
    if name == "scores":
        told = {key: _scores(room) for key, room in rooms.items()}
        return ok(**told[""]) if "" in told else ok(rooms=told)
    if name == "doctor":
        return ok(**health)
    return failed(f"{name} cannot be answered here")


def facts(config: Config, rooms: Rooms, health: Health) -> Mapping[str, object]:
    """The changing part of the info message: the configuration's digest, versions, weights, engines."""
    backends = {"face": health.face, "speech": health.speech}
    engines = {
        name: {"model": meter.model or getattr(config.engines, name), "backend": meter.backend}
        for name, meter in backends.items()
    }
    first = next(iter(rooms.values()))
    told: dict[str, object] = {
        "configuration": digest(config),
        "versions": {"python": platform.python_version(), "onnxruntime": onnxruntime.__version__},
        "fusion": _fusion(first),
        "engines": engines,
    }
    if config.rooms:
        told["rooms"] = [_room(room) for room in rooms.values()]
    return told


def _scores(room: Room) -> dict[str, Any]:
    readings: dict[str, Any] = {
        key: by_label(reading.probabilities) for key, reading in room.mood.newest.items()
    }
    return {"emotion": room.mood.mood.emotion, "fused": by_label(room.mood.probabilities), **readings}


def _fusion(room: Room) -> dict[str, object]:
    parameters = room.mood.parameters
    return {
        "rule": room.plan.fusion.rule,
        "face_weight": round(parameters.face_weight, 4),
        "speech_weight": round(parameters.speech_weight, 4),
        "prior": {label: round(float(p), 4) for label, p in zip(LABELS, parameters.prior, strict=True)},
        "origin": parameters.origin,
    }


def _room(room: Room) -> dict[str, object]:
    plan = room.plan
    return {
        "id": plan.id,
        "name": plan.name,
        "cameras": [camera.name for camera in plan.cameras],
        "microphones": [microphone.name for microphone in plan.microphones],
        "fusion": _fusion(room),
    }
