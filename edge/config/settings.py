"""Settings that may be changed while the daemon runs: a layer above the file's configuration. Pure.

What is not set is as in the file. Applying gives an ordinary `Config`, validated by the same models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError

from edge.config.base import Section, Slug
from edge.config.fusion import FusionConfig, SmoothingConfig
from edge.config.models import Config
from edge.config.plans import NO_PROFILE
from edge.config.problems import describe
from edge.config.rooms import RoomConfig, RoomFusionConfig, RoomSmoothingConfig, laid_over
from edge.config.sensitivity import MIDDLE, moved_thresholds
from edge.config.spelling import did_you_mean
from edge.errors import ConfigError

__all__ = [
    "NO_PROFILE",
    "Choices",
    "DeviceSettings",
    "RoomSettings",
    "Settings",
    "applied",
    "changed",
    "fitting",
    "parse",
    "room_values",
    "values",
]

Parsed = TypeVar("Parsed", bound="RoomSettings")


class RoomSettings(Section):
    """What people have set, for one room or for all; None is as in the file, or as for all rooms."""

    sensitivity: Annotated[int, Field(ge=0, le=100)] | None = None
    """50 leaves the thresholds as they are; each point more lowers those to enter a mood by 0.005."""
    profile: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Profile of the actions; `none`: rules of all profiles rest."""
    rule: Literal["loglinear", "fscore", "mean", "product"] | None = None
    """How face and voice become one."""
    people: Literal["all", "subject", "strongest"] | None = None
    """Whose face makes the mood."""
    half_life: Annotated[float, Field(ge=0, le=60)] | None = None
    """Seconds after which a reading has lost half its influence; 0 switches smoothing off."""

    @property
    def chosen(self) -> dict[str, Any]:
        """What is set, by key."""
        return self.model_dump(exclude_none=True, exclude={"rooms"})


class DeviceSettings(RoomSettings):
    """What may be set for the device as a whole."""

    face_model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of the face model."""
    speech_model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of the speech model."""


class Settings(DeviceSettings):
    """Everything that is set: for all rooms, and on top of that for single ones, be they there now or not."""

    rooms: dict[Slug, RoomSettings] = Field(default_factory=dict)
    """By the room's id."""

    def of(self, room: str) -> RoomSettings:
        """What is set for a room alone."""
        return self.rooms.get(room, RoomSettings())


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen on this device, by key; keys of plain numbers are left out."""

    profile: tuple[str, ...] = (NO_PROFILE,)
    face_model: tuple[str, ...] = ()
    speech_model: tuple[str, ...] = ()
    rule: tuple[str, ...] = ("loglinear", "fscore", "mean", "product")
    people: tuple[str, ...] = ("all", "subject", "strongest")

    def of(self, key: str) -> tuple[str, ...] | None:
        """The choices of a key; None where it is a number."""
        found: tuple[str, ...] | None = getattr(self, key, None)
        return found


def parse(data: Mapping[str, Any], place: str = "settings") -> Settings:
    """Settings from outside. ConfigError with one line for each thing that is wrong, `place` in front."""
    return _parsed(Settings, data, place)


def _parsed(kind: type[Parsed], data: Mapping[str, Any], place: str) -> Parsed:
    try:
        return kind.model_validate(dict(data))
    except ValidationError as error:
        lines = describe(error, kind, dict(data), lambda _key: place)
        raise ConfigError("\n".join(lines)) from error


def changed(
    old: Settings, changes: Mapping[str, Any], place: str = "settings", *, room: str | None = None
) -> Settings:
    """The settings with some of them changed, for all rooms or for one; null gives a key back.

    ConfigError like `parse`.
    """
    if room is not None:
        own = _parsed(RoomSettings, {**old.of(room).chosen, **changes}, f"{place} of {room}")
        rooms = {**old.rooms, room: own}
        return old.model_copy(update={"rooms": {key: one for key, one in rooms.items() if one.chosen}})
    device = _parsed(DeviceSettings, {**old.chosen, **changes}, place)
    return Settings(**device.chosen, rooms=old.rooms)


def fitting(settings: Settings, choices: Choices) -> tuple[Settings, tuple[str, ...]]:
    """The settings that can be had, and a sentence for each that cannot."""
    wrong = dict(_misfits(settings, choices))
    kept = {key: value for key, value in settings.chosen.items() if key not in wrong}
    rooms = {}
    for room, own in settings.rooms.items():
        misfits = dict(_misfits(own, choices))
        wrong |= {f"{room}/{key}": f"{room}: {text}" for key, text in misfits.items()}
        rooms[room] = own.model_copy(update=dict.fromkeys(misfits))
    return Settings(**kept, rooms=rooms), tuple(wrong.values())


def applied(settings: Settings, config: Config) -> Config:
    """The configuration with the settings on top. ConfigError where both do not go together."""
    engines = _with("engines", config.engines, {"face": settings.face_model, "speech": settings.speech_model})
    update: dict[str, Any] = {"engines": engines, **_mood(settings, config.fusion, config.smoothing)}
    update["rooms"] = {key: _room(settings, key, config) for key in config.rooms}
    actions = config.actions
    if settings.profile is not None:
        profile = None if settings.profile == NO_PROFILE else settings.profile
        actions = actions.model_copy(update={"profile": profile})
    return config.model_copy(update={**update, "actions": actions})


def _room(settings: Settings, key: str, config: Config) -> RoomConfig:
    """The room with what is set for it, or for all, on top of what the file says of it."""
    room, own = config.rooms[key], settings.of(key)
    fusion, smoothing = laid_over(config.fusion, room.fusion), laid_over(config.smoothing, room.smoothing)
    made = _mood(_both(settings, own), fusion, smoothing)
    update: dict[str, Any] = {} if own.profile is None else {"profile": own.profile}
    if own.chosen or room.fusion is not None:
        update["fusion"] = RoomFusionConfig.model_validate(dict(made["fusion"]))
    if own.chosen or room.smoothing is not None:
        update["smoothing"] = RoomSmoothingConfig.model_validate(dict(made["smoothing"]))
    return room.model_copy(update=update)


def _both(settings: Settings, own: RoomSettings) -> RoomSettings:
    """What is set for a room, and where nothing is, what is set for all."""
    shared = {key: value for key, value in settings.chosen.items() if key in RoomSettings.model_fields}
    return RoomSettings.model_validate({**shared, **own.chosen})


def _mood(settings: RoomSettings, fusion: FusionConfig, smoothing: SmoothingConfig) -> dict[str, Section]:
    thresholds = {} if settings.sensitivity is None else moved_thresholds(smoothing, settings.sensitivity)
    return {
        "fusion": _with("fusion", fusion, {"rule": settings.rule, "people": settings.people}),
        "smoothing": _with("smoothing", smoothing, {"half_life": settings.half_life, **thresholds}),
    }


def values(settings: Settings, config: Config) -> dict[str, Any]:
    """What is in force; `config` is the one with the settings applied."""
    return {
        "sensitivity": MIDDLE if settings.sensitivity is None else settings.sensitivity,
        "profile": config.actions.profile or NO_PROFILE,
        "rule": config.fusion.rule,
        "people": config.fusion.people,
        "half_life": config.smoothing.half_life,
        "face_model": config.engines.face,
        "speech_model": config.engines.speech,
    }


def room_values(settings: Settings, config: Config, key: str) -> dict[str, Any]:
    """What is in force in a room; `config` is the one with the settings applied."""
    room, both = config.rooms[key], _both(settings, settings.of(key))
    fusion, smoothing = laid_over(config.fusion, room.fusion), laid_over(config.smoothing, room.smoothing)
    return {
        "sensitivity": MIDDLE if both.sensitivity is None else both.sensitivity,
        "profile": room.profile or config.actions.profile or NO_PROFILE,
        "rule": fusion.rule,
        "people": fusion.people,
        "half_life": smoothing.half_life,
    }


def _with(name: str, section: Section, changes: Mapping[str, Any]) -> Section:
    wanted = {key: value for key, value in changes.items() if value is not None}
    if not wanted:
        return section
    data = {**section.model_dump(by_alias=True), **wanted}
    try:
        return type(section).model_validate(data)
    except ValidationError as error:
        raise ConfigError(
            "\n".join(describe(error, type(section), data, lambda _key: f"settings: {name}"))
        ) from error


def _misfits(settings: RoomSettings, choices: Choices) -> Iterator[tuple[str, str]]:
    for key in ("profile", "face_model", "speech_model"):
        value, known = getattr(settings, key, None), choices.of(key)
        if value is not None and known is not None and value not in known:
            yield key, f"{key}: there is no {value!r}{_hint(value, known)}"


def _hint(value: str, known: Sequence[str]) -> str:
    return did_you_mean(value, known) or f"; there are {', '.join(known)}"
