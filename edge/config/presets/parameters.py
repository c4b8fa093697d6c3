"""What all presets share: value types of their parameters and the shape of what they expand to."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field

from edge.config import templates
from edge.config.base import Section

__all__ = [
    "MOOD",
    "Color",
    "Filled",
    "Level",
    "Part",
    "Percent",
    "Preset",
    "Served",
    "Spec",
    "SwitchWord",
    "Url",
    "message",
]


Spec = dict[str, Any]
"""One entry of `then` or `on_exit`, as it would stand in the configuration."""


def _switch_word(value: object) -> object:
    """YAML 1.1 reads a bare `on` as true; `ON` is what many lights are sent."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value.lower() if isinstance(value, str) else value


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _color(text: str) -> str:
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", text) is None:
        raise ValueError(f"{text!r} is not a color; write it as '#FFB347', in quotes")
    return text


Level = Annotated[
    str,
    BeforeValidator(_number_as_text),
    Field(min_length=1, pattern=r"^[^#+\x00]+$"),
    AfterValidator(templates.check),
]
"""A part of a topic: a name, possibly with slashes."""
Filled = Annotated[
    str, BeforeValidator(_number_as_text), Field(min_length=1), AfterValidator(templates.check)
]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+"), AfterValidator(lambda url: url.rstrip("/"))]
Color = Annotated[str, AfterValidator(_color)]
Percent = Annotated[int, Field(ge=0, le=100)]
SwitchWord = BeforeValidator(_switch_word)


MOOD: Final[Mapping[str, object]] = {
    "ts": "{ts}",
    "device": "{device}",
    "emotion": "{emotion}",
    "previous": "{previous}",
    "confidence": "{confidence}",
    "source": "{source}",
}
"""What is told of a mood, as templates."""


class Part(Section):
    """A light or music as others name it: a preset and its parameters."""

    preset: str
    """Name of the preset."""
    parameters: dict[str, object] = Field(default={})
    """Its parameters; they win over those of the scene."""


class Preset(Section):
    """Parameters of one ready-made action; `name` is what the configuration calls it."""

    name_: ClassVar[str]
    title_: ClassVar[str]
    source_: ClassVar[str]
    example_: ClassVar[dict[str, Any]]

    @abstractmethod
    def actions(self) -> list[Spec]:
        """What it stands for."""


class Served(Preset):
    """A preset that calls a server of one's own."""

    ca: Path | None = None
    """PEM file of the authority that signed the server's certificate."""
    verify: bool = True
    """False accepts any certificate of the server."""

    def http_to(self, url: str, body: object, **more: object) -> dict[str, Any]:
        """The `http` of an entry of `then`."""
        return {"url": url, "json": body, "ca": self.ca, "verify": self.verify, **more}


def message(topic: str, payload: object, target: str, after: float = 0.0, **more: object) -> Spec:
    """A message as an entry of `then`."""
    return {"mqtt": {"topic": topic, "payload": payload}, "target": target, "after": after, **more}
