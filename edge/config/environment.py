"""Keys overridden by the environment: `EMOTION_EDGE_MQTT__PORT=1884`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.config.document import KeyPath, parse_scalar
from edge.config.models import Config
from edge.config.schema import field_at, is_text
from edge.errors import ConfigError

__all__ = ["Override", "apply", "from_environment"]


_PREFIX: Final = "EMOTION_EDGE_"
_MOST_LEVELS: Final = 16
_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True)
class Override:
    """A value from outside the file, and how to call its place in a message."""

    path: KeyPath
    value: Any
    place: str


def from_environment(env: Mapping[str, str]) -> list[Override]:
    """All variables that name a known section; other names with the prefix are ignored.

    Raises ConfigError for a value that is not YAML.
    """
    return [_override(name, text, parts) for name, text, parts in _relevant(env)]


def _relevant(env: Mapping[str, str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name in sorted(env):
        parts = tuple(name.removeprefix(_PREFIX).lower().split("__"))
        known = name.startswith(_PREFIX) and len(parts) > 1 and parts[0] in Config.model_fields
        if known and all(parts):
            yield name, env[name], parts


def _override(name: str, text: str, parts: tuple[str, ...]) -> Override:
    place = f"${name}" if len(name) <= _LONGEST_SHOWN else f"${name[:_LONGEST_SHOWN]}…"
    if len(parts) > _MOST_LEVELS:
        raise ConfigError(f"{place}: names more than {_MOST_LEVELS} levels; no key lies that deep")
    path = tuple(int(part) if _is_index(part) else part for part in parts)
    if parts[-1] == "password":
        return Override(path, text, place)
    try:
        value = parse_scalar(text)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}; put the value in quotes") from error
    keep = value is not None and not isinstance(value, str) and is_text(field_at(Config, path))
    return Override(path, text if keep else value, place)


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= 6


def apply(data: dict[str, Any], override: Override) -> None:
    """Put the value at its path, making sections on the way. Raises ConfigError where it cannot go."""
    target: Any = data
    for part, following in zip(override.path[:-1], override.path[1:], strict=True):
        target = _step(target, part, override)
        if not isinstance(target, list if isinstance(following, int) else dict):
            raise ConfigError(f"{override.place}: {part} is not a section")
    _put(target, override)


def _step(target: Any, part: str | int, override: Override) -> Any:
    if isinstance(target, list):
        if isinstance(part, int) and part < len(target):
            return target[part]
        raise ConfigError(f"{override.place}: there is no entry {part} in the list")
    if target.get(part) is None:
        target[part] = {}
    return target[part]


def _put(target: Any, override: Override) -> None:
    last = override.path[-1]
    if isinstance(target, dict):
        target[str(last)] = override.value
    elif isinstance(last, int) and last < len(target):
        target[last] = override.value
    else:
        raise ConfigError(f"{override.place}: there is no entry {last} in the list")
