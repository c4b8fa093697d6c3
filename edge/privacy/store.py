"""Remembers switches across restarts, one small file for each device, replaced atomically."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.config.bounded_json import read_json
from edge.config.schedule import SWITCHES
from edge.errors import EdgeError

_log = logging.getLogger(__name__)
Switches = dict[str, bool]
ALL_ON: Final[Mapping[str, bool]] = dict.fromkeys(SWITCHES, True)
ALL_OFF: Final[Mapping[str, bool]] = dict.fromkeys(SWITCHES, False)


class SwitchStore:
    """The file of a device's switches in the state directory."""

    def __init__(self, directory: Path, device: str) -> None:
        self.path = directory / f"switches-{device}.json"

    def load(self) -> Switches:
        """What was stored; everything on before the first time.

        A damaged file counts as everything off, because a device that was switched off must not open by
        accident. For a device with no file, as after renaming it, what others here have off is off.
        """
        if self.path.exists():
            return _read(self.path)
        found = dict(ALL_ON)
        for other in self.path.parent.glob("switches-*.json"):
            found = {name: on and found[name] for name, on in _read(other).items()}
        return found

    def save(self, switches: Mapping[str, bool]) -> None:
        """Replace the file; EdgeError if that fails, with the old one intact."""
        text = json.dumps({name: switches[name] for name in SWITCHES})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self.path, text)
        except OSError as error:
            raise EdgeError(f"cannot store the switches in {self.path}: {error.strerror}") from error


def replace_file(path: Path, text: str) -> None:
    """Write a file so that it is, even after a power cut, either the old or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> Switches:
    try:
        stored = read_json(path, most_bytes=65_536)
        return {name: stored[name] is True for name in SWITCHES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s is not readable (%s): everything stays switched off", path, error)
        return dict(ALL_OFF)
