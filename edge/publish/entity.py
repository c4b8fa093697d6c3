"""Something of the device that can be seen, switched or set, however it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from edge.publish.payloads import Payload

__all__ = ["Category", "Entity", "Kind", "Platform", "Scope"]

Platform = Literal["sensor", "binary_sensor", "event", "switch", "button", "select", "number"]
Scope = Literal["room", "device", "both"]
Category = Literal["config", "diagnostic"]
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
    attributes: tuple[str, ...] = ()
    """What of the payload's first level stands beside the value."""
    choices: str | None = None
    """Which of the device's own choices its options are."""
    limits: tuple[float, float, float] | None = None
    """Least, most and step of a number."""
    device_class: str | None = None
    unit: str | None = None
    icon: str | None = None
    category: Category | None = None
    enabled: bool = True
    qos: Literal[0, 1] = 1
    press: str = "{}"
    """What a button sends."""
    scope: Scope = "device"
    """Whose it is where a device has rooms."""
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
