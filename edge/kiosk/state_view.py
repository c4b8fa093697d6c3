"""What the API tells of the whole daemon at one moment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.kiosk.answer import Answer, Moment
from edge.kiosk.room_view import RoomView

__all__ = ["AlertView", "DeviceView", "HealthView", "InfoView", "StageView", "StateView"]


class DeviceView(Answer):
    """Who tells."""

    id: str
    """`device.id` of the configuration."""
    name: str
    """As shown to people."""


class StageView(Answer):
    """One sense's model at work."""

    sense: Literal["face", "speech"]
    """Which sense."""
    model: str
    """Name of the engine."""
    backend: str | None
    """Runtime in use, null while it is off."""
    fps: float
    """Results a second in the last ten seconds."""
    latency_ms: float | None
    """Median from capture to result."""


class HealthView(Answer):
    """How the daemon is."""

    status: Literal["ok", "degraded", "error"]
    """The one word."""
    problems: list[str]
    """Everything that is not as it should be."""
    uptime_s: int
    """Seconds since the start."""
    stages: list[StageView]
    """Both senses."""


class InfoView(Answer):
    """What this device is."""

    version: str
    """Of emotion-edge."""
    device: DeviceView
    """Who tells."""
    labels: list[str]
    """The seven emotions in the order of every model."""
    models: dict[str, str]
    """Engine by sense."""
    fusion_rule: str
    """How face and voice become one."""


class AlertView(Answer):
    """The gravest alert that nobody has acknowledged, else the gravest."""

    cause: str
    """Name of the rule, `blind` or `deaf`."""
    level: Literal["notice", "warning", "critical"]
    """How grave it is."""
    message: str
    """Text for people."""
    since: Moment
    """When it began."""
    acknowledged: bool
    """Whether somebody has noticed."""


class StateView(Answer):
    """Everything the page shows, at one moment."""

    schema_version: Annotated[Literal[1], Field(serialization_alias="schema")] = 1
    """Within a version there are only additions."""
    version: str
    """Of emotion-edge."""
    now: Moment
    """The daemon's clock."""
    device: DeviceView
    """Who tells."""
    rooms: list[RoomView]
    """All rooms."""
    health: HealthView
    """How the daemon is."""
    alert: AlertView | None = None
    """What has to be told at once; null: nothing."""
    history_kept_s: int
    """Seconds for which moods are kept on disk; 0: in memory only."""
    may_steer: bool = False
    """Whether this viewer may switch and erase."""
