"""Rules and actions: what a mood sets in motion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from edge.config import templates
from edge.config.base import MoodLabel, Seconds, Section, Share, Text, TimeOfDay, also_written_as
from edge.config.following import FollowConfig
from edge.config.presets import table as presets
from edge.config.presets.parameters import Spec
from edge.config.things import Thing

__all__ = [
    "Action",
    "ActionsConfig",
    "CommandAction",
    "HttpAction",
    "MqttAction",
    "Payload",
    "PresetAction",
    "RuleConfig",
]


@also_written_as(type=["boolean", "number"])
def _scalar_as_text(value: object) -> object:
    return json.dumps(value) if isinstance(value, bool | int | float) else value


_Template = AfterValidator(templates.check)
_Tree = AfterValidator(templates.check_tree)
Payload = Annotated[str | dict[str, object] | list[object], BeforeValidator(_scalar_as_text), _Tree]


def _header_name(name: str) -> str:
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is None:
        raise ValueError(f"{name!r} is not the name of a header; names have letters, digits and hyphens")
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError(f"{name} is set by the call itself; remove it")
    return name


def _header_value(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a header must be one line without control characters")
    return value


_HeaderName = Annotated[str, AfterValidator(_header_name)]
_HeaderValue = Annotated[str, AfterValidator(_header_value)]


class MqttAction(Section):
    """Publish once; never retained."""

    topic: Annotated[str, Field(min_length=1, pattern=r"^[^#+\x00]+$"), _Template]
    """Topic without wildcards."""
    payload: Payload = ""
    """Text, or an object or list that is sent as JSON."""
    qos: Literal[0, 1] = 1
    """0 at most once, 1 at least once."""


class HttpAction(Section):
    """Call a URL once."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]"), _Template]
    """http:// or https:// address."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    """Request method."""
    headers: dict[_HeaderName, _HeaderValue] = Field(default_factory=dict)
    """Extra headers, such as Authorization."""
    json_body: Annotated[object | None, _Tree] = Field(default=None, alias="json")
    """Body, sent as JSON."""
    bearer_file: Path | None = None
    """File whose first line is a bearer token; a bare name is looked up among the service's credentials."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds for the whole call, from the connection to the end of the answer."""
    ca: Path | None = None
    """PEM file of the authority that signed the server's certificate; empty: those of the system."""
    verify: bool = True
    """False accepts any certificate: whoever is on the way can read the token and pose as the server."""
    header_files: dict[_HeaderName, Path] = Field(default_factory=dict)
    """Headers whose values are the first lines of files, as of `bearer_file`."""
    server_name: Text | None = None
    """Name that the certificate bears, where it is not that of the address."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """An authority is for verifying with."""
        if self.ca is not None and not self.verify:
            yield "verify", "ca and verify: false exclude each other; keep one"


class CommandAction(Section):
    """Run a program: an argument list, never a shell."""

    argv: Annotated[list[Annotated[str, _Template]], Field(min_length=1)]
    """Program and its arguments."""
    timeout: Annotated[float, Field(gt=0, le=300)] = 10.0
    """Seconds until it is ended."""


class PresetAction(Section):
    """A ready-made action of `emotion-edge actions presets`, with its parameters."""

    preset: Text
    """Name of the preset."""
    parameters: dict[str, object] = Field(default_factory=dict)
    """What the preset asks for."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The preset exists, takes these parameters, and makes actions of them."""
        found = list(presets.problems(self.preset, self.parameters))
        yield from found
        if not found:
            yield from _unfit(self.expand())

    def expand(self) -> list[Spec]:
        """The actions it stands for."""
        return presets.expand(self.preset, self.parameters)


class Action(Section):
    """Exactly one of the kinds."""

    mqtt: MqttAction | None = None
    """Publish a message."""
    http: HttpAction | None = None
    """Call a URL."""
    command: CommandAction | None = None
    """Run a program."""
    use: PresetAction | None = None
    """Use a preset."""
    target: Text | None = None
    """The thing driven, if topic, address or program do not tell; used for rate and superseding."""
    after: Seconds = 0.0
    """Seconds to wait after the action before it on the same target."""
    supersede: bool = True
    """While this waits, a newer action for the same target takes its place; false for log entries."""
    restore: bool | None = None
    """Put the state before back when the mood has passed; empty: as the rule says."""
    thing: Thing | None = None
    """How that state is read and put back; presets fill it in."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One action does one thing, and what shall be put back has to be known before."""
        if self.restore and self.use is None and self.thing is None:
            yield "restore", f"the state before is not known: {_RESTORABLE}"
        kinds = [name for name in ("mqtt", "http", "command", "use") if getattr(self, name) is not None]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            yield "", f"needs exactly one of mqtt, http, command, use; found {found}"
        elif self.restore and self.use is not None and not self.restorable:
            yield "restore", f"the state before is not known: {_RESTORABLE}"

    @property
    def restorable(self) -> bool:
        """Can the state of what it drives be read and put back?"""
        if self.use is None:
            return self.thing is not None
        return any("thing" in spec for spec in self.use.expand())


_RESTORABLE: Final = (
    "use the preset zigbee2mqtt, wled with url, home-assistant-action with entity_id, or hue with light"
)


def _unfit(specs: list[Spec]) -> Iterator[tuple[str, str]]:
    for spec in specs:
        try:
            Action.model_validate(spec)
        except ValidationError as error:
            for problem in error.errors():
                yield "parameters", f"make no action: {problem['msg'].removeprefix('Value error, ')}"


class RuleConfig(Section):
    """When the mood is one of `when` for long enough, do `then`; on leaving it, `on_exit`."""

    name: Text
    """Shown in logs and on the page; unique."""
    when: Annotated[list[MoodLabel], Field(min_length=1)]
    """Emotions, or `none` for an empty room."""
    hold: Seconds = Field(default=0.0, alias="for")
    """Seconds the mood must last."""
    min_confidence: Share = 0.0
    """Least confidence."""
    cooldown: Seconds = 0.0
    """Seconds until the rule may act again."""
    late: Literal["skip", "fire"] = "skip"
    """A mood that comes while the rule rests: skip it, or fire when the rest is over if it still lasts."""
    between: tuple[TimeOfDay, TimeOfDay] | None = None
    """Local time of day, from and to; may pass midnight."""
    only_if: Literal["face", "speech", "both"] | None = None
    """Which senses must have contributed."""
    profile: str | None = None
    """Only in this profile."""
    restore: bool = False
    """Put the lights back as they were when the mood has passed."""
    then: Annotated[list[Action], Field(min_length=1)]
    """What to do."""
    on_exit: list[Action] = Field(default_factory=list)
    """What to do when the mood has passed."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """An interval needs some length."""
        if self.between is not None and self.between[0] == self.between[1]:
            yield "between", f"from and to are both {self.between[0]}; remove the line to act at all hours"
        if self.restore and not any(action.restorable for action in self.then):
            yield "restore", f"of no action is the state before known: {_RESTORABLE}"


class ActionsConfig(Section):
    """What the mood does to lights, music and the rest."""

    enabled: bool = True
    """Master switch."""
    allow_commands: bool = False
    """Permit actions of kind `command`."""
    profile: str | None = None
    """Profile in force; rules of other profiles rest."""
    rate: Annotated[float, Field(gt=0, le=100)] = 2.0
    """Most firings a second for one target; of a burst only the newest is carried out."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """Further attempts after a failure, with growing pauses."""
    queue: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Most actions waiting; beyond that the oldest are dropped and counted."""
    rules: list[RuleConfig] = Field(default_factory=list)
    """Evaluated in order on every change of mood."""
    follow: list[FollowConfig] = Field(default_factory=list)
    """Lights that follow valence and arousal."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Names are unique, and commands need permission."""
        names: set[str] = set()
        for index, light in enumerate(self.follow):
            if light.name in names:
                yield f"follow.{index}.name", f"{light.name!r} is used twice; give every one its own name"
            names.add(light.name)
        for index, rule in enumerate(self.rules):
            if rule.name in names:
                yield f"rules.{index}.name", f"{rule.name!r} is used twice; give every rule its own name"
            names.add(rule.name)
            commands = [action for action in (*rule.then, *rule.on_exit) if action.command is not None]
            if commands and not self.allow_commands:
                yield f"rules.{index}", "runs a command, but actions.allow_commands is false"
