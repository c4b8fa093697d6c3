"""One table of what the device offers; Home Assistant, the info topic and the kiosk page are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from edge.publish.payloads import Payload
from edge.vocabulary import LABELS, NONE

__all__ = ["ENTITIES", "Entity", "Kind", "Platform", "offered"]

Platform = Literal["sensor", "binary_sensor", "event", "switch", "button", "select", "number"]
Kind = Literal["text", "flag", "percent", "number", "problem", "word"]
"""How the value is read: as it is, as on or off, as a share of one, as a number, `status`, or a bare word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Something that can be seen or switched."""

    key: str
    """Unique within the device."""
    platform: Platform
    name: str
    topic: str | None = None
    """Where its value is published, below the device's base."""
    path: tuple[str, ...] = ()
    """Where its value lies in that topic's JSON; empty for a bare word."""
    kind: Kind = "text"
    command: str | None = None
    """Where it is set or pressed, below the base."""
    sets: str | None = None
    """The key of the JSON object that a command is; a bare word without it."""
    options: tuple[str, ...] = ()
    choices: str | None = None
    """Which of the device's own choices its options are."""
    limits: tuple[float, float, float] | None = None
    """Least, most and step of a number."""
    device_class: str | None = None
    unit: str | None = None
    icon: str | None = None
    category: Literal["config", "diagnostic"] | None = None
    enabled: bool = True
    qos: Literal[0, 1] = 1
    expires: int | None = None
    """Seconds after which the value is unknown unless it is told again."""

    def read(self, payload: Mapping[str, Any]) -> Any:
        """The value in a payload of its topic, None where it is missing."""
        value: Any = payload
        for name in self.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            return None
        return _READERS[self.kind](value)

    def describe(self) -> Payload:
        """As the info topic lists it."""
        facts: Payload = {"key": self.key, "platform": self.platform, "name": self.name}
        optional = {
            "topic": self.topic,
            "path": ".".join(self.path),
            "command": self.command,
            "sets": self.sets,
            "options": list(self.options),
            "unit": self.unit,
        }
        return facts | {name: value for name, value in optional.items() if value}


_READERS: Final[Mapping[Kind, Any]] = {
    "text": lambda value: value,
    "word": lambda value: value,
    "number": lambda value: value,
    "flag": bool,
    "percent": lambda value: round(value * 100),
    "problem": lambda value: value != "ok",
}

ENTITIES: Final[tuple[Entity, ...]] = (
    Entity(
        key="emotion",
        platform="sensor",
        name="Emotion",
        topic="state",
        path=("emotion",),
        options=(*LABELS, NONE),
        device_class="enum",
        icon="mdi:emoticon-outline",
    ),
    Entity(
        key="changed",
        platform="event",
        name="Emotion changed",
        topic="event",
        path=("event_type",),
        options=LABELS,
        icon="mdi:emoticon-happy-outline",
    ),
    Entity(
        key="face",
        platform="binary_sensor",
        name="Face present",
        topic="state",
        path=("faces",),
        kind="flag",
        device_class="occupancy",
    ),
    Entity(
        key="speech",
        platform="binary_sensor",
        name="Speech",
        topic="state",
        path=("speech",),
        kind="flag",
        device_class="sound",
    ),
    Entity(
        key="camera",
        platform="switch",
        name="Camera",
        topic="camera",
        kind="word",
        command="camera/set",
        icon="mdi:video",
    ),
    Entity(
        key="microphone",
        platform="switch",
        name="Microphone",
        topic="microphone",
        kind="word",
        command="microphone/set",
        icon="mdi:microphone",
    ),
    Entity(
        key="actions",
        platform="switch",
        name="Actions",
        topic="actions",
        kind="word",
        command="actions/set",
        category="config",
    ),
    Entity(
        key="problem",
        platform="binary_sensor",
        name="Problem",
        topic="health",
        path=("status",),
        kind="problem",
        device_class="problem",
        category="diagnostic",
        qos=0,
    ),
    Entity(
        key="confidence",
        platform="sensor",
        name="Confidence",
        topic="state",
        path=("confidence",),
        kind="percent",
        unit="%",
        category="diagnostic",
        enabled=False,
    ),
    Entity(
        key="latency",
        platform="sensor",
        name="Face latency",
        topic="health",
        path=("face", "latency_ms"),
        kind="number",
        device_class="duration",
        unit="ms",
        category="diagnostic",
        enabled=False,
        qos=0,
    ),
    Entity(
        key="restart",
        platform="button",
        name="Restart",
        command="request/restart",
        device_class="restart",
        category="config",
    ),
    Entity(
        key="valence",
        platform="sensor",
        name="Valence",
        topic="scores",
        path=("valence",),
        kind="number",
        icon="mdi:emoticon-outline",
        qos=0,
        expires=30,
    ),
    Entity(
        key="arousal",
        platform="sensor",
        name="Arousal",
        topic="scores",
        path=("arousal",),
        kind="number",
        icon="mdi:pulse",
        qos=0,
        expires=30,
    ),
    Entity(
        key="sensitivity",
        platform="number",
        name="Sensitivity",
        topic="settings",
        path=("sensitivity",),
        kind="number",
        command="settings/set",
        sets="sensitivity",
        limits=(0, 100, 1),
        icon="mdi:tune-variant",
        category="config",
    ),
    Entity(
        key="half_life",
        platform="number",
        name="Smoothing half-life",
        topic="settings",
        path=("half_life",),
        kind="number",
        command="settings/set",
        sets="half_life",
        limits=(0, 60, 0.1),
        unit="s",
        device_class="duration",
        category="config",
    ),
    Entity(
        key="profile",
        platform="select",
        name="Profile",
        topic="settings",
        path=("profile",),
        kind="text",
        command="settings/set",
        sets="profile",
        choices="profile",
        icon="mdi:account-cog-outline",
        category="config",
    ),
    Entity(
        key="mood_of",
        platform="select",
        name="Mood of",
        topic="settings",
        path=("people",),
        kind="text",
        command="settings/set",
        sets="people",
        options=("all", "subject", "strongest"),
        icon="mdi:account-group-outline",
        category="config",
    ),
    Entity(
        key="fusion_rule",
        platform="select",
        name="Fusion rule",
        topic="settings",
        path=("rule",),
        kind="text",
        command="settings/set",
        sets="rule",
        options=("loglinear", "fscore", "mean", "product"),
        enabled=False,
        category="config",
    ),
    Entity(
        key="face_model",
        platform="select",
        name="Face model",
        topic="settings",
        path=("face_model",),
        kind="text",
        command="settings/set",
        sets="face_model",
        choices="face_model",
        enabled=False,
        category="config",
    ),
    Entity(
        key="speech_model",
        platform="select",
        name="Speech model",
        topic="settings",
        path=("speech_model",),
        kind="text",
        command="settings/set",
        sets="speech_model",
        choices="speech_model",
        enabled=False,
        category="config",
    ),
)


def offered(*, scores: bool, choices: Mapping[str, Sequence[str]] | None = None) -> tuple[Entity, ...]:
    """The entities that a device has.

    Those that read the scores only where these are published; those with choices of the device's own only
    once these are known.
    """
    known = choices or {}
    return tuple(
        replace(entity, options=tuple(known[entity.choices])) if entity.choices else entity
        for entity in ENTITIES
        if (scores or entity.topic != "scores") and (entity.choices is None or entity.choices in known)
    )
