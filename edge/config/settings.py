"""Settings that may be changed while the daemon runs: a layer above the file's configuration. Pure.

What is not set is as in the file. Applying gives an ordinary `Config`, validated by the same models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from edge.config.base import Section
from edge.config.fusion import FusionConfig, SmoothingConfig, ThresholdConfig
from edge.config.models import Config
from edge.config.problems import describe
from edge.config.rooms import RoomConfig
from edge.config.spelling import did_you_mean
from edge.errors import ConfigError

__all__ = ["MIDDLE", "NO_PROFILE", "Choices", "Settings", "applied", "changed", "fitting", "parse", "values"]

NO_PROFILE: Final = "none"
MIDDLE: Final = 50
"""The sensitivity at which the thresholds are the file's."""
_STEP: Final = 0.005
"""By how much a point of sensitivity moves the thresholds."""
_LEAST, _MOST = 0.15, 0.95
"""Moved thresholds stay above chance (1/7) and can be reached."""


class Settings(Section):
    """What people have set; None is as in the file."""

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
    face_model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of the face model."""
    speech_model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of the speech model."""

    @property
    def set_keys(self) -> tuple[str, ...]:
        """What differs from being left to the file."""
        return tuple(self.model_dump(exclude_none=True))


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
    try:
        return Settings.model_validate(dict(data))
    except ValidationError as error:
        lines = describe(error, Settings, dict(data), lambda _key: place)
        raise ConfigError("\n".join(lines)) from error


def changed(old: Settings, changes: Mapping[str, Any], place: str = "settings") -> Settings:
    """The settings with some of them changed; null gives a key back to the file. ConfigError like `parse`."""
    return parse({**old.model_dump(exclude_none=True), **changes}, place)


def fitting(settings: Settings, choices: Choices) -> tuple[Settings, tuple[str, ...]]:
    """The settings that can be had, and a sentence for each that cannot."""
    wrong = dict(_misfits(settings, choices))
    kept = {key: value for key, value in settings.model_dump(exclude_none=True).items() if key not in wrong}
    return Settings.model_validate(kept), tuple(wrong.values())


def applied(settings: Settings, config: Config) -> Config:
    """The configuration with the settings on top. ConfigError where both do not go together."""
    engines = _with("engines", config.engines, {"face": settings.face_model, "speech": settings.speech_model})
    update: dict[str, Any] = {"engines": engines, **_mood(settings, config.fusion, config.smoothing)}
    update["rooms"] = {key: _room(settings, room) for key, room in config.rooms.items()}
    actions = config.actions
    if settings.profile is not None:
        profile = None if settings.profile == NO_PROFILE else settings.profile
        actions = actions.model_copy(update={"profile": profile})
    return config.model_copy(update={**update, "actions": actions})


def _room(settings: Settings, room: RoomConfig) -> RoomConfig:
    """The room with what it has of its own changed likewise."""
    own = {name: section for name in ("fusion", "smoothing") if (section := getattr(room, name)) is not None}
    changed = _mood(settings, room.fusion or FusionConfig(), room.smoothing or SmoothingConfig())
    return room.model_copy(update={name: changed[name] for name in own})


def _mood(settings: Settings, fusion: FusionConfig, smoothing: SmoothingConfig) -> dict[str, Section]:
    return {
        "fusion": _with("fusion", fusion, {"rule": settings.rule, "people": settings.people}),
        "smoothing": _with("smoothing", smoothing, _smoothing(settings, smoothing)),
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


def _smoothing(settings: Settings, config: SmoothingConfig) -> dict[str, Any]:
    changes: dict[str, Any] = {"half_life": settings.half_life}
    if settings.sensitivity in (None, MIDDLE):
        return changes
    enter = _moved(config.enter, settings.sensitivity)
    thresholds = {label: _moved_threshold(one, settings, enter) for label, one in config.thresholds.items()}
    return changes | {"enter": enter, "exit": min(config.exit, enter), "thresholds": thresholds}


def _moved_threshold(one: ThresholdConfig, settings: Settings, enter: float) -> dict[str, Any]:
    own = None if one.enter is None else _moved(one.enter, settings.sensitivity)
    leave = None if one.exit is None else min(one.exit, enter if own is None else own)
    found = {"enter": own, "exit": leave, "dwell": one.dwell}
    return {key: value for key, value in found.items() if value is not None}


def _moved(threshold: float, sensitivity: int | None) -> float:
    """Lower by what is above the middle; a threshold beyond the limits already is not moved towards them."""
    step = ((sensitivity or 0) - MIDDLE) * _STEP
    least, most = min(threshold, _LEAST), max(threshold, _MOST)
    return round(max(least, min(threshold - step, most)), 4)


def _misfits(settings: Settings, choices: Choices) -> Iterator[tuple[str, str]]:
    for key in ("profile", "face_model", "speech_model"):
        value, known = getattr(settings, key), choices.of(key)
        if value is not None and known is not None and value not in known:
            yield key, f"{key}: there is no {value!r}{_hint(value, known)}"


def _hint(value: str, known: Sequence[str]) -> str:
    return did_you_mean(value, known) or f"; there are {', '.join(known)}"
