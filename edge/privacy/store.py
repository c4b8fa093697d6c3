"""Remembers switches across restarts, one small file for each device, replaced atomically."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from edge.config.bounded_json import read_json
from edge.config.directories import runtime_directory, state_directory
from edge.config.models import Config
from edge.config.schedule import DEVICES, SWITCHES
from edge.errors import EdgeError
from edge.inference.directories import cache_directory
from edge.privacy.durable import overwrite_file, replace_file

__all__ = ["End", "Stored", "SwitchStore", "Switches", "both", "checked", "switch_store"]

_log = logging.getLogger(__name__)
Switches = dict[str, bool]
End = Literal["clean", "crash", "reboot"]
"""How the last daemon ended: with its word for it, without, or without and before the system started anew."""
_ALL_ON: Final[Mapping[str, bool]] = dict.fromkeys(SWITCHES, True)
_REBOOT: Final = "a crash and a reboot"
_CRASH: Final = "a crash, and a reboot only if a broker on another disk keeps them"
_RUNNING: Final = "running"
_PROCESS: Final = secrets.token_hex(4)
"""In a container every life of the daemon may have the same number."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ALL_OFF: Final[Mapping[str, bool]] = dict.fromkeys(SWITCHES, False)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file said, and what is wrong with it."""

    switches: Switches
    problem: str | None = None
    last_end: End = "clean"
    mark: str = ""
    """Of the process that runs, or ran until it ended without a word."""


def switch_store(config: Config, env: Mapping[str, str]) -> SwitchStore:
    """The device's switches, with the runtime folder and the cache beside the state folder."""
    return SwitchStore(
        state_directory(env),
        config.device.id,
        volatile=runtime_directory(env),
        lasting=cache_directory(config.engines, env),
    )


class SwitchStore:
    """The file of a device's switches in the state directory.

    What cannot be stored there is put down in `volatile`, a folder in memory that outlives the process, and
    in `lasting`, a folder elsewhere that outlives a reboot as well. A daemon that starts after a crash finds
    it, and what a note or the file has off is off.

    The file also says which process runs with it, from before anything opens until its clean end, so that
    the next start knows whether an *off* may have been lost on the way.
    """

    def __init__(
        self, directory: Path, device: str, *, volatile: Path | None = None, lasting: Path | None = None
    ) -> None:
        self.path = directory / f"switches-{device}.json"
        self._mark = f"{_boot_id()} {_PROCESS}"
        name = f"unstored-{device}.json"
        self._notes = {
            outlives: folder / name
            for outlives, folder in ((_REBOOT, lasting), (_CRASH, volatile))
            if folder is not None
        }

    def load(self) -> Stored:
        """What was stored; everything on before the first time.

        A file that is damaged or may not be read counts as everything off, because a device that was switched
        off must not open by accident. For a device with no file, as after renaming it, what others here have
        off is off.
        """
        found = self._load()
        notes = [note for path in self._notes.values() if (note := _read(path)) is not None]
        if notes:
            _log.warning("the daemon ended before it could store the switches; what was off then is off")
        for note in notes:
            found = replace(
                found,
                switches=both(found.switches, note.switches),
                problem=found.problem or note.problem,
            )
        return replace(found, last_end=self._end(found.mark))

    def _end(self, mark: str) -> End:
        if mark in ("", self._mark):
            return "clean"
        return "crash" if mark.partition(" ")[0] == self._mark.partition(" ")[0] else "reboot"

    def _load(self) -> Stored:
        own = _read(self.path)
        if own is not None:
            return own
        try:
            others = [_read(path) for path in sorted(self.path.parent.glob("switches-*.json"))]
        except OSError as error:
            return _refused(self.path.parent, error)
        found = dict(_ALL_ON)
        for other in others:
            if other is not None:
                found = both(found, other.switches)
        return Stored(found)

    def save(self, switches: Mapping[str, bool], *, running: bool = True) -> None:
        """Replace the file; EdgeError if that fails, with the old one intact.

        On a full disk the old file is overwritten where it lies, which takes no space.
        """
        # As long as it will ever be, so that switching off needs no space on a full disk.
        longest = json.dumps({**dict.fromkeys(switches, False), _RUNNING: self._mark})
        text = json.dumps({**switches, _RUNNING: self._mark if running else ""}).ljust(len(longest))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self.path, text)
        except OSError as error:
            if not overwrite_file(self.path, text):
                outlived = [what for what, note in self._notes.items() if _put_down(note, text)]
                raise EdgeError(
                    f"cannot store the switches in {self.path}: {error.strerror or error}; make room there, "
                    "or make the folder writable for the daemon's user (until then they outlive "
                    f"{[*outlived, 'no crash'][0]})"
                ) from error
        for note in self._notes.values():
            with suppress(OSError):
                note.unlink(missing_ok=True)

    def writable(self) -> bool:
        """Whether the folder may be written at this moment; one that is not there can be made."""
        folder = self.path.parent
        return os.access(folder, os.W_OK) or not folder.exists()

    def remove_scraps(self) -> None:
        """Delete what a write left behind that was killed."""
        try:
            for scrap in self.path.parent.glob(f".{self.path.name}.*"):
                scrap.unlink(missing_ok=True)
        except OSError as error:
            _log.debug("%s: %s", self.path.parent, error)


def _put_down(note: Path, text: str) -> bool:
    try:
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(note, text)
    except OSError as error:
        _log.debug("%s: %s", note, error)
        return False
    return True


def both(one: Mapping[str, bool], other: Mapping[str, bool]) -> Switches:
    """On only where both are; a room that one does not know is there as all rooms are."""
    return {name: _switch(one, name) and _switch(other, name) for name in {**one, **other}}


def _switch(switches: Mapping[str, bool], name: str) -> bool:
    return switches[name] if name in switches else switches[name.rpartition("/")[2]]


def _read(path: Path) -> Stored | None:
    """None where there is no file."""
    try:
        stored = read_json(path, most_bytes=65_536)
        switches = checked(stored)
        mark = stored.get(_RUNNING, "")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _refused(path, error)
    except (ValueError, KeyError, TypeError) as error:
        return _closed(f"{path} is damaged ({error}): everything stays off until it is switched on again")
    return Stored(switches, mark=mark if isinstance(mark, str) else "?")


def checked(stored: object) -> Switches:
    """The switches in what was read; ValueError, KeyError or TypeError where it holds others."""
    if not isinstance(stored, Mapping):
        raise TypeError("switches have names")
    rooms = [name for name in stored if name.rpartition("/")[0] and name.rpartition("/")[2] in DEVICES]
    switches = {name: stored[name] for name in (*SWITCHES, *rooms)}
    if not all(isinstance(on, bool) for on in switches.values()):
        raise ValueError("a switch is true or false")
    return switches


def _boot_id() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return "?"


def _refused(path: Path, error: OSError) -> Stored:
    return _closed(
        f"{path} cannot be read: {error.strerror or error}: everything stays off; let the daemon's user read "
        "and write the state folder, or name another with STATE_DIRECTORY"
    )


def _closed(problem: str) -> Stored:
    _log.warning("%s", problem)
    return Stored(dict(_ALL_OFF), problem)
