"""Finds, reads, overrides and validates the configuration; all errors come at once."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from edge.config.document import Document, KeyPath, parse, read
from edge.config.environment import Override, apply, from_environment
from edge.config.models import Config
from edge.config.problems import describe
from edge.config.resources import resource
from edge.errors import ConfigError

__all__ = ["Loaded", "load_config"]


_SYSTEM_FILE: Final = Path("/etc/emotion-edge/config.yaml")
_VARIABLE: Final = "EMOTION_EDGE_CONFIG"
_PATHS: Final[tuple[KeyPath, ...]] = (
    ("engines", "directory"),
    ("engines", "cache"),
    ("mqtt", "password_file"),
    ("mqtt", "tls", "ca"),
    ("mqtt", "tls", "certificate"),
    ("mqtt", "tls", "key"),
    ("privacy", "button", "device"),
    ("actions", "acknowledge", "device"),
    ("kiosk", "view_token_file"),
    ("kiosk", "steer_token_file"),
    ("kiosk", "tls", "certificate"),
    ("kiosk", "tls", "key"),
)
_SOURCES: Final[tuple[KeyPath, ...]] = (("camera", "source"), ("microphone", "source"))


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A valid configuration and where it came from."""

    config: Config
    path: Path
    """The file that was read."""
    overridden: tuple[str, ...] = ()
    """Variables and options that changed it."""
    notes: tuple[str, ...] = ()
    """What the user should know, for the log."""


def load_config(
    path: Path | None = None,
    *,
    env: Mapping[str, str],
    overrides: Mapping[str, Any] | None = None,
    system_file: Path = _SYSTEM_FILE,
    without_broken_rules: bool = False,
) -> Loaded:
    """The configuration of `path`, else of the first place that has one, changed by `env` and `overrides`.

    `overrides` holds dotted keys, as from the command line: {"camera.source": "clip.mp4"}. Relative
    paths belong to the file's folder, those of overrides to the current one. Raises ConfigError with
    one line for each thing that is wrong; `without_broken_rules` leaves out the rules of actions that
    are, and tells of them in the notes.
    """
    found, notes = _find(path, env, system_file)
    document = parse(read(found), str(found))
    if document.data is not None and not isinstance(document.data, dict):
        raise ConfigError(f"{found}:1: must hold sections such as 'mqtt:', not just a {_kind(document.data)}")
    data: dict[str, Any] = copy.deepcopy(document.data or {})
    _absolute(data, found.parent)
    changes = from_environment(env) + _from_options(overrides or {})
    for change in changes:
        apply(data, _absolute_override(change))
    if without_broken_rules:
        notes += _drop_broken_rules(data, document, found)
    config = _validate(data, document, found, changes)
    return Loaded(config=config, path=found, overridden=tuple(c.place for c in changes), notes=notes)


def _drop_broken_rules(data: dict[str, Any], document: Document, path: Path) -> tuple[str, ...]:
    """Remove what is no rule from the list; one line for each thing that is wrong with it."""
    section = data.get("actions")
    rules = section.get("rules") if isinstance(section, dict) else None
    if not isinstance(section, dict) or not isinstance(rules, list):
        return ()
    notes: list[str] = []
    kept: list[Any] = []
    for index, rule in enumerate(rules):
        try:
            _validate({"actions": {**section, "rules": [*kept, rule]}}, Document(), path, ())
        except ConfigError as error:
            line = _line(document, ("actions", "rules", index))
            place = f"actions.rules[{len(kept)}]"
            notes += [
                f"{path}:{line}: {problem.split(': ', 1)[1].replace(place, f'actions.rules[{index}]')}"
                for problem in str(error).splitlines()
            ]
        else:
            kept.append(rule)
    section["rules"] = kept
    return tuple(notes)


def _validate(data: dict[str, Any], document: Document, path: Path, changes: Sequence[Override]) -> Config:
    def where(key: KeyPath) -> str:
        for change in reversed(changes):
            if key[: len(change.path)] == change.path:
                return change.place
        return f"{path}:{_line(document, key)}"

    problems = [f"{path}:{line}: {message}" for line, message in document.problems]
    config: Config | None = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems += describe(error, Config, data, where)
    if config is None or problems:
        raise ConfigError("\n".join(sorted(problems, key=_by_line)))
    return config


def _line(document: Document, key: KeyPath) -> int:
    for count in range(len(key), -1, -1):
        if key[:count] in document.lines:
            return document.lines[key[:count]]
    return 1


def _by_line(problem: str) -> tuple[bool, int]:
    if problem.startswith(("$", "--")):
        return True, 0
    number = problem.split(": ", 1)[0].rsplit(":", 1)[-1]
    return False, int(number) if number.isdigit() else 0


def _find(path: Path | None, env: Mapping[str, str], system_file: Path) -> tuple[Path, tuple[str, ...]]:
    if path is not None:
        return _existing(_home(path), "--config"), ()
    if env.get(_VARIABLE):
        return _existing(_home(env[_VARIABLE]), f"${_VARIABLE}"), ()
    if os.access(system_file, os.R_OK):
        return system_file, ()
    packaged = resource("config.yaml")
    if os.path.lexists(system_file):
        return packaged, (f"{system_file} may not be read by this user; using the packaged defaults",)
    return packaged, ()


def _existing(path: Path, place: str) -> Path:
    if not os.path.lexists(path):
        raise ConfigError(
            f"{place}: there is no file {path}; check the name, or leave it out for the default"
        )
    return path.absolute()


def _from_options(overrides: Mapping[str, Any]) -> list[Override]:
    return [Override(tuple(key.split(".")), value, f"--{key}") for key, value in overrides.items()]


def _absolute(data: dict[str, Any], base: Path) -> None:
    for path in (*_PATHS, *_SOURCES):
        section: Any = data
        for part in path[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        if isinstance(section, dict) and isinstance(section.get(path[-1]), str):
            section[path[-1]] = _resolved(path, section[path[-1]], base)
    for device in _room_devices(data):
        if isinstance(device.get("source"), str):
            device["source"] = _resolved(("camera", "source"), device["source"], base)
    for place in _authorities(data):
        place["ca"] = str(base / _home(place["ca"]))


def _room_devices(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sections of all cameras and microphones of all rooms, as far as they are sections."""
    level = [data.get("rooms")]
    for kinds in (None, ("cameras", "microphones"), None):
        inside = (one for one in level if isinstance(one, dict))
        level = [value for one in inside for key, value in one.items() if kinds is None or key in kinds]
    yield from (one for one in level if isinstance(one, dict))


def _authorities(value: Any) -> Iterator[dict[str, Any]]:
    """The places of rules in which a file of certificates is named."""
    if isinstance(value, list):
        for item in value:
            yield from _authorities(item)
    elif isinstance(value, dict):
        if isinstance(value.get("ca"), str):
            yield value
        for key in ("actions", "rules", "then", "on_exit", "http", "use", "parameters"):
            yield from _authorities(value.get(key))


def _absolute_override(change: Override) -> Override:
    if change.path in (*_PATHS, *_SOURCES) and isinstance(change.value, str | Path):
        return Override(change.path, _resolved(change.path, str(change.value), Path.cwd()), change.place)
    return change


def _resolved(path: KeyPath, text: str, base: Path) -> str:
    """A path as seen from `base`; a source stays as it is unless such a file exists."""
    absolute = base.absolute() / _home(text)
    is_file = path in _PATHS or (text != "auto" and not text.isdigit() and _is_file(absolute))
    return str(absolute) if text and is_file else text


def _home(text: str | Path) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _kind(data: Any) -> str:
    return "list" if isinstance(data, list) else "single value"
