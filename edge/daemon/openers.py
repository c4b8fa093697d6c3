"""How the daemon opens devices and models; tests put others in their place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from edge.capture.open import Capture, open_capture
from edge.config.models import EnginesConfig
from edge.config.plans import CameraPlan
from edge.daemon.processors import Faces, Speech
from edge.perception.many import ManyFaces, ManyVoices

__all__ = ["Openers"]


def _open_faces(engines: EnginesConfig, cameras: Collection[CameraPlan], clock: Callable[[], float]) -> Faces:
    return ManyFaces.open(engines, cameras, clock=clock)


def _open_speech(engines: EnginesConfig, clock: Callable[[], float]) -> Speech:
    return ManyVoices.open(engines, clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Openers:
    """`faces` and `speech` are called on their worker's thread."""

    capture: Callable[..., Capture] = open_capture
    faces: Callable[[EnginesConfig, Collection[CameraPlan], Callable[[], float]], Faces] = _open_faces
    speech: Callable[[EnginesConfig, Callable[[], float]], Speech] = _open_speech
