"""What people set while the daemon runs, on top of the file: what counts, and whether it will last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from edge.config import Config
from edge.config.plans import NO_PROFILE
from edge.config.settings import (
    Choices,
    RoomSettings,
    Settings,
    applied,
    changed,
    fitting,
    room_values,
    values,
)
from edge.daemon.settings_store import SettingsStore
from edge.errors import ConfigError, EdgeError
from edge.inference.auto import AUTO
from edge.inference.registry import models_found
from edge.publish.health import Problem

__all__ = ["Layer", "RuntimeSettings", "choices"]

_RESET: Final = "reset"
_ROOM: Final = "room"


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings on top of the file's configuration: `wanted` is stored, `config` is what comes of it."""

    file: Config
    wanted: Settings
    config: Config
    choices: Choices
    problems: tuple[str, ...] = ()

    def view(self, room: str | None) -> dict[str, Any]:
        """For all rooms (None) or in one: what is in force, in the file, and set; what can be chosen."""
        known = _listed(self.choices)
        if room is not None:
            return {
                "room": room,
                "values": room_values(self.wanted, self.config, room),
                "file": room_values(Settings(), self.file, room),
                "set": list(self.wanted.of(room).chosen),
                "choices": {key: words for key, words in known.items() if key in RoomSettings.model_fields},
            }
        return {
            "values": values(self.wanted, self.config),
            "file": values(Settings(), self.file),
            "set": list(self.wanted.chosen),
            "choices": known,
            "rooms": {key: self.wanted.of(key).chosen for key in self.file.rooms},
        }


class RuntimeSettings:
    """Used by the main loop; other threads only read what `view` tells. Nothing counts before `take`."""

    def __init__(
        self, layer: Layer, store: SettingsStore, env: Mapping[str, str], damaged: str | None = None
    ) -> None:
        self._layer, self._store, self._env = layer, store, env
        self._damaged = damaged
        self._unsaved: str | None = None

    @classmethod
    def load(cls, file: Config, env: Mapping[str, str]) -> RuntimeSettings:
        """What was stored for this device, on top of its configuration."""
        store = SettingsStore(env, file.device.id)
        wanted, damaged = store.load()
        return cls(_layer(file, wanted, choices(file, env)), store, env, damaged)

    def rebased(self, file: Config) -> RuntimeSettings:
        """The same settings, or those of another device, on top of another configuration."""
        if file.device.id != self._layer.file.device.id:
            return RuntimeSettings.load(file, self._env)
        layer = _layer(file, self._layer.wanted, choices(file, self._env))
        rebased = RuntimeSettings(layer, self._store, self._env, self._damaged)
        rebased._unsaved = self._unsaved
        return rebased

    @property
    def config(self) -> Config:
        """What counts now."""
        return self._layer.config

    @property
    def choices(self) -> Choices:
        """What can be chosen."""
        return self._layer.choices

    def with_changes(self, asked: Mapping[str, Any]) -> Layer:
        """What an order makes of the settings: some keys (null gives one back), or `{"reset": true}` alone.

        With `room` it is for that one, else for all rooms. ConfigError for what there is not.
        """
        changes = {key: value for key, value in asked.items() if key != _ROOM}
        room = self._named(asked.get(_ROOM))
        wanted = self._wanted(changes, room)
        known = choices(self._layer.file, self._env)
        applied(fitting(wanted, known)[0], self._layer.file)
        found = _layer(self._layer.file, wanted, known)
        refused = _refusals(found.problems, changes, "" if room is None else f"{room}: ")
        if refused:
            raise ConfigError("\n".join(f"settings: {text}" for text in refused))
        return found

    def _wanted(self, changes: Mapping[str, Any], room: str | None) -> Settings:
        old = self._layer.wanted
        if _RESET not in changes:
            return changed(old, changes, room=room)
        if changes[_RESET] is not True or len(changes) > 1:
            raise ConfigError('reset is given alone and as true: {"reset": true}')
        return Settings() if room is None else changed(old, dict.fromkeys(old.of(room).chosen), room=room)

    def _named(self, room: object) -> str | None:
        """The room that is meant, None for all. ConfigError where it is not there."""
        rooms = self._layer.file.rooms
        if room is None or (isinstance(room, str) and room in rooms):
            return room
        known = f"there are {', '.join(rooms)}" if rooms else "this device has no rooms"
        raise ConfigError(f"settings: there is no room {room!r}; {known}")

    def take(self, layer: Layer) -> None:
        """From now on this counts; what cannot be stored counts all the same, and is tried again."""
        self._layer = layer
        self._save()

    def rest(self, reason: str) -> None:
        """The configuration alone counts until something is set or the file is read anew; say why."""
        layer = self._layer
        self._layer = replace(layer, config=layer.file, problems=(*layer.problems, f"not used: {reason}"))

    def retry(self) -> None:
        """Store again what could not be stored."""
        if self._unsaved is not None:
            self._save()

    def problems(self) -> list[Problem]:
        """What keeps the settings from counting, or from being remembered."""
        found = [self._damaged, self._unsaved, *self._layer.problems]
        return [Problem("settings", text) for text in found if text is not None]

    def view(self, room: object = None) -> dict[str, Any]:
        """What `Layer.view` tells, and why it will not last. ConfigError for a room that is not there."""
        told = self._layer.view(self._named(room))
        return told | ({} if self._unsaved is None else {"not_stored": self._unsaved})

    @property
    def rooms(self) -> dict[str, dict[str, Any]]:
        """The view of every room."""
        return {room: self.view(room) for room in self._layer.config.rooms}

    def _save(self) -> None:
        try:
            self._store.save(self._layer.wanted)
        except EdgeError as error:
            self._unsaved = str(error)
        else:
            self._unsaved = self._damaged = None


def choices(config: Config, env: Mapping[str, str]) -> Choices:
    """Profiles of the rules and models of this device, those of the configuration among them."""
    engines = config.engines
    profiles = [config.actions.profile, *(rule.profile for rule in config.actions.rules)]
    return Choices(
        profile=(NO_PROFILE, *_unique(name for name in profiles if name)),
        face_model=_unique([engines.face, AUTO, *models_found("face", config=engines, env=env)]),
        speech_model=_unique([engines.speech, AUTO, *models_found("speech", config=engines, env=env)]),
    )


def _refusals(problems: Sequence[str], changes: Mapping[str, Any], place: str) -> list[str]:
    """The problems that are about what was asked for."""
    return [
        text
        for text in problems
        if text.startswith(place) and text.removeprefix(place).split(":", 1)[0] in changes
    ]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _listed(known: Choices) -> dict[str, list[str]]:
    return {field.name: list(getattr(known, field.name)) for field in fields(known)}


def _layer(file: Config, wanted: Settings, known: Choices) -> Layer:
    kept, problems = fitting(wanted, known)
    try:
        return Layer(file, wanted, applied(kept, file), known, problems)
    except ConfigError as error:
        return Layer(file, wanted, file, known, (*problems, *str(error).splitlines()))
