"""Which part of the configuration touches which component of the daemon, and the two phases of a reload."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from edge.config import Config

__all__ = ["DEPENDS_ON", "Commit", "Prepare", "take_over", "touched"]

Commit = Callable[[], None]
Prepare = Callable[[Config], Commit]
"""Checks a new configuration (may raise EdgeError, changes nothing) and returns what puts it into effect."""

DEPENDS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "log": ("log", "mqtt"),
    "mood": ("fusion", "smoothing", "engines", "rooms", "device", "camera", "microphone"),
    "publisher": ("device", "mqtt", "home_assistant"),
    "actions": ("actions", "device"),
    "senses": ("camera", "microphone", "engines", "rooms"),
    "control": ("device.id",),
    "privacy": ("privacy", "actions.acknowledge"),
    "rooms": ("rooms",),
    "history": ("history", "device.id"),
    "http": ("kiosk", "metrics"),
}
"""Component and the keys it is made of. Their order is the order in which changes are committed.

`log` knows the broker's password, to keep it out of every line.
"""

_log = logging.getLogger(__name__)


def touched(old: Config, new: Config) -> frozenset[str]:
    """The components for which the two configurations differ."""
    names = {name for name, keys in DEPENDS_ON.items() if any(_at(old, key) != _at(new, key) for key in keys)}
    if bool(old.rooms) != bool(new.rooms):
        names.add("publisher")  # it listens to other topics
    return frozenset(names)


def take_over(new: Config, prepare: Mapping[str, Prepare], names: frozenset[str]) -> None:
    """Prepare the named components, all of them, and only then commit each.

    Raises EdgeError from preparing, with nothing changed. A commit that fails against all expectation keeps
    no other from being made; the first failure is raised at the end.
    """
    commits = [(name, prepare[name](new)) for name in DEPENDS_ON if name in names]
    failures: list[Exception] = []
    for name, commit in commits:
        try:
            commit()
        except Exception as error:
            _log.exception("%s did not take over the new configuration", name)
            failures.append(error)
    if failures:
        raise failures[0]


def _at(config: Config, key: str) -> object:
    value: object = config
    for part in key.split("."):
        value = getattr(value, part)
    return value
