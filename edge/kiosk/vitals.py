"""The daemon at one moment, for metrics and health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.actions.status import ActionStatus
from edge.capture.status import CaptureStatus
from edge.config import Config
from edge.publish.health import Problem, StageHealth
from edge.publish.stats import RunStats
from edge.vocabulary import Mood, Probabilities

__all__ = ["RoomVitals", "Vitals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomVitals:
    """One room at one moment; `level` is its id, None where the device has no rooms."""

    level: str | None
    mood: Mood
    probabilities: Probabilities
    faces: int
    speaking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Everything the metrics are made of, at one moment. Times are on the daemon's monotonic clock.

    `stages` and `models` have the keys face and speech; `devices` holds the configured devices: whether
    they are opened, and how they are doing; `broker` is None while MQTT is off.
    """

    config: Config
    uptime: float
    rooms: Sequence[RoomVitals]
    stages: Mapping[str, StageHealth]
    devices: Mapping[str, tuple[bool, CaptureStatus]]
    broker: Mapping[str, Any] | None
    actions: ActionStatus
    problems: Sequence[Problem]
    stats: RunStats
