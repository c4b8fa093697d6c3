"""Rules and actions: what a mood sets in motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from edge.config.action_kinds import CommandAction, HttpAction, MqttAction, UdpAction
from edge.config.alerts import AlarmsConfig, AlertAction
from edge.config.base import MoodLabel, Seconds, Section, Share, Text, TimeOfDay
from edge.config.button import ButtonConfig
from edge.config.following import FollowConfig
from edge.config.presets.parameters import Spec
from edge.config.spelling import did_you_mean
from edge.config.things import Thing

__all__ = [
    "Action",
    "ActionsConfig",
    "PresetAction",
    "RuleConfig",
]


class PresetAction(Section):
    """A ready-made action of `emotion-edge actions presets`, with its parameters."""

    preset: Text
    """Name of the preset."""
    parameters: dict[str, object] = Field(default_factory=dict)
    """What the preset asks for."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The preset exists, takes these parameters, and makes actions of them."""
        from edge.config.presets import table as presets

        found = list(presets.problems(self.preset, self.parameters))
        yield from found
        if not found:
            yield from _unfit(self.expand())

    def expand(self) -> list[Spec]:
        """The actions it stands for."""
        from edge.config.presets import table as presets

        return presets.expand(self.preset, self.parameters)


class Action(Section):
    """Exactly one of the kinds."""

    mqtt: MqttAction | None = None
    """Publish a message."""
    http: HttpAction | None = None
    """Call a URL."""
    udp: UdpAction | None = None
    """Send a datagram."""
    command: CommandAction | None = None
    """Run a program."""
    use: PresetAction | None = None
    """Use a preset."""
    alert: AlertAction | None = None
    """Show an alert; it is cleared when the mood has passed."""
    target: Text | None = None
    """The thing driven, if topic, address or program do not tell; used for rate and superseding."""
    after: Seconds = 0.0
    """Seconds to wait after the action before it on the same target; in a ladder, after any."""
    repeat: Annotated[float, Field(ge=1, le=3600)] | None = None
    """Do it again every so many seconds, `until` …"""
    until: Literal["ack", "exit"] | None = None
    """… somebody acknowledges (`ack`) or the mood has passed (`exit`)."""
    supersede: bool = True
    """While this waits, a newer action for the same target takes its place; false for log entries."""
    restore: bool | None = None
    """Put the state before back when the mood has passed; empty: as the rule says."""
    thing: Thing | None = None
    """How that state is read and put back; presets fill it in."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One action does one thing, and what shall be put back has to be known before."""
        if (self.repeat is None) != (self.until is None):
            yield "repeat", "repeat and until belong together: every how many seconds, and until when"
        if self.restore and self.use is None and self.thing is None:
            yield "restore", f"the state before is not known: {_RESTORABLE}"
        kinds = [name for name in _KINDS if getattr(self, name) is not None]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            yield "", f"needs exactly one of {', '.join(_KINDS)}; found {found}"
        elif self.restore and self.use is not None and not self.restorable:
            yield "restore", f"the state before is not known: {_RESTORABLE}"

    @property
    def is_step(self) -> bool:
        """Is it one that makes a ladder of its rule?"""
        return self.alert is not None or self.until is not None

    @property
    def restorable(self) -> bool:
        """Can the state of what it drives be read and put back?"""
        if self.use is None:
            return self.thing is not None
        return any("thing" in spec for spec in self.use.expand())


_KINDS: Final = ("mqtt", "http", "udp", "command", "use", "alert")
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
    room: str | None = None
    """Id of the room it is for; empty: every room, each with a pause of its own."""
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
        for index, action in enumerate(self.on_exit):
            if action.is_step:
                yield f"on_exit.{index}", "alert and repeat are for `then`; what is shown ends with the mood"
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
    alarms: AlarmsConfig = AlarmsConfig()
    """Alarms for senses that are open and tell nothing."""
    acknowledge: ButtonConfig = ButtonConfig()
    """A physical key that acknowledges all alerts."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Names are unique, and commands need permission."""
        names: set[str] = set()
        for index, rule in enumerate(self.rules):
            if rule.name in ("blind", "deaf"):
                yield f"rules.{index}.name", f"{rule.name!r} is the name of an alarm; choose another"
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

    def misplaced(self, rooms: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Dotted key and message of every rule and light that names no room, or none where it has to."""
        named = [("rules", index, rule.room) for index, rule in enumerate(self.rules)]
        named += [("follow", index, light.room) for index, light in enumerate(self.follow)]
        for kind, index, room in named:
            place = f"actions.{kind}.{index}.room"
            if room is not None and room not in rooms:
                there = f"there are {', '.join(rooms)}" if rooms else "the file has no rooms; remove the line"
                yield place, f"there is no room {room!r}{did_you_mean(room, rooms) or f'; {there}'}"
            if room is None and kind == "follow" and len(rooms) > 1:
                yield place, f"one light cannot follow several rooms; name one of {', '.join(rooms)}"
