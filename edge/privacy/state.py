"""What may be open now: the switches a person has set, and the schedule above them.

A thing is open only if its switch is on and no scheduled span closes it: the schedule wins. Switching on
during such a span is remembered and counts when the span ends; switching off counts at once and stays.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.config.models import PrivacyConfig
from edge.config.schedule import DEVICES, SWITCHES, Period, closed_by
from edge.errors import EdgeError
from edge.privacy.store import SwitchStore, both, checked

__all__ = ["Desired", "PrivacyState", "one_change", "switch_changes", "with_rooms"]

_log = logging.getLogger(__name__)
_READ_ONLY: Final = "the state folder cannot be written: switching off now would not outlive a reboot"


@dataclass(frozen=True, slots=True)
class Desired:
    """What shall be open, by the name of its switch; `reasons` says why something is not."""

    reasons: Mapping[str, str]

    def of(self, name: str) -> bool:
        """By the name of the switch: `camera`, `living/camera`, `actions`."""
        return name not in self.reasons


class PrivacyState:
    """The switches and the schedule; not thread-safe, owned by the main loop.

    With `rooms` every device of a room has a switch of its own, `living/camera`, and `camera` stands for all
    rooms. A room that is new takes over what stands there. With `start_disabled` camera and microphone begin
    switched off at every start, with `after_crash` at one after an end without a word. `problem` says what
    keeps the switches from being remembered, `stored` whether they are. While `asking`, after a power cut or
    a crash of the system, devices stay closed: somebody else may remember an *off* that no disk here took.
    """

    def __init__(self, config: PrivacyConfig, *, store: SwitchStore, rooms: Sequence[str] = ()) -> None:
        self._store = store
        self._periods = [Period.parse(text) for text in config.schedule]
        self._rooms = tuple(rooms)
        found = store.load()
        self._switches = with_rooms(found.switches, self._rooms)
        self._remembered = dict(self._switches)
        self._unsafe: set[str] = set()
        self._set_since: set[str] = set()
        self._problem, self._read_only = found.problem, False
        self.stored = True
        self.asking = found.last_end == "reboot"
        if config.start_disabled is True or (config.start_disabled and found.last_end != "clean"):
            self._switches.update(dict.fromkeys((*DEVICES, *self._devices), False))

    @property
    def problem(self) -> str | None:
        """What keeps the switches from being remembered, or would keep the next one."""
        return self._problem or (_READ_ONLY if self._read_only else None)

    @property
    def switches(self) -> Mapping[str, bool]:
        """What people have set, whatever the schedule says; of rooms that were once there as well."""
        return dict(self._switches)

    @property
    def former_rooms(self) -> frozenset[str]:
        """Rooms whose switches are still remembered, but which are not there."""
        return frozenset(name.split("/")[0] for name in self._switches if "/" in name) - {*self._rooms}

    def set(self, name: str, on: bool) -> None:
        """Set a switch; `camera` those of all rooms. It counts now; `problem` says if it is not stored."""
        if name not in (*SWITCHES, *self._devices):
            raise EdgeError(self._unknown(name))
        for one in self._meant(name, on):
            self._switches[one] = on
            self._unsafe.discard(one)
            self._set_since.add(one)
        self._save(self._switches)

    def recall(self, told: object) -> None:
        """What somebody else remembers: off there is off, unless it was set here since the start."""
        try:
            known = both(self._switches, checked(told))
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("switches that were kept elsewhere are not understood: %s", error)
            return
        off = dict.fromkeys({name for name, on in known.items() if not on} - self._set_since, False)
        if any(self._remembered.get(name, True) for name in off):
            _log.warning("an off that could not be stored here was kept elsewhere; it counts")
            self._switches.update(off)
            self._save({**self._remembered, **off})

    def begin(self) -> None:
        """Make sure, before anything opens, that switching off can be remembered; else start closed."""
        self._store.remove_scraps()
        if self._problem is None:
            self._secure(self._remembered, (*DEVICES, *self._devices))

    def end(self) -> None:
        """Say, when everything is closed, that this was a clean end; not while something is not stored."""
        self.retry()
        if self.stored and self._problem is None:
            self._save(self._remembered, running=False)

    def have_rooms(self, rooms: Sequence[str]) -> None:
        """Other rooms from now on; one that was never here takes over what is set for all."""
        new = {*rooms} - {*self._rooms}
        self._rooms = tuple(rooms)
        known = dict(self._switches)
        self._switches = with_rooms(self._switches, self._rooms)
        if self._switches != known and (self._problem is None or not self.stored):
            self._secure(self._switches, [name for name in self._devices if name.split("/")[0] in new])

    def retry(self) -> None:
        """Store again what could not be stored, and see whether the next switch could be."""
        if not self.stored:
            self._save(self._switches)
        self._read_only = not self._store.writable()

    def reconfigure(self, config: PrivacyConfig) -> None:
        """Take over a new schedule; the switches stay."""
        self._periods = [Period.parse(text) for text in config.schedule]

    def desired(self, wall: datetime) -> Desired:
        """What shall be open at this local time; `camera` for all rooms is closed when all of them are."""
        found = {name: self._closed(name, wall) for name in (*self._own, *self._devices)}
        for device in DEVICES if self._rooms else ():
            reasons = [found[f"{room}/{device}"] for room in self._rooms]
            found[device] = None if None in reasons else reasons[0]
        return Desired({name: reason for name, reason in found.items() if reason is not None})

    @property
    def _devices(self) -> tuple[str, ...]:
        return tuple(f"{room}/{device}" for room in self._rooms for device in DEVICES)

    @property
    def _own(self) -> tuple[str, ...]:
        """The switches that are no room's."""
        return tuple(name for name in SWITCHES if not (self._rooms and name in DEVICES))

    def _meant(self, name: str, on: bool) -> list[str]:
        """The switches that a name stands for; off also closes rooms that are not there now."""
        if "/" in name or name not in DEVICES:
            return [name]
        every = [one for one in self._switches if one.endswith(f"/{name}")]
        there = [one for one in every if one in self._devices] if on and self._rooms else every
        return [name, *there]

    def _unknown(self, name: str) -> str:
        room, slash, _ = name.rpartition("/")
        if slash and room not in self._rooms:
            there = f"there are {', '.join(self._rooms)}" if self._rooms else "this device has no rooms"
            return f"no room {room!r}; {there}"
        return f"no switch {name!r}; there are {', '.join(SWITCHES)}"

    def _secure(self, switches: Mapping[str, bool], names: Sequence[str]) -> None:
        """Store these; where that fails, what is named stays closed until it is switched on again."""
        self._save(switches)
        if not self.stored:
            self._unsafe.update(name for name in names if self._switches[name])
            self._switches.update(dict.fromkeys(names, False))
            _log.warning("%s start closed: %s", " and ".join(names), self.problem)

    def _save(self, switches: Mapping[str, bool], *, running: bool = True) -> None:
        self._remembered = dict(switches)
        try:
            self._store.save(switches, running=running)
        except EdgeError as error:
            self._problem, self.stored = str(error), False
        else:
            self._problem, self.stored = None, True

    def _closed(self, name: str, wall: datetime) -> str | None:
        if name in self._unsafe:
            return "switches could not be stored at the start; switch it on again"
        if not self._switches[name]:
            return "switched off"
        if self.asking and name != "actions" and name not in self._set_since:
            return "the system ended without a word; waiting for an off that the broker may remember"
        room, _, thing = name.rpartition("/")
        period = closed_by(self._periods, thing, wall, room)
        return None if period is None else f"schedule {period.text!r}, until {period.ends}"


def with_rooms(switches: Mapping[str, bool], rooms: Sequence[str]) -> dict[str, bool]:
    """The switches with those of every room; a new one is as all are set.

    Without rooms a device is off if it is off anywhere: what was switched off in a room must not open because
    the file has no rooms any more.
    """
    found = dict(switches)
    for device in DEVICES:
        for room in rooms:
            found.setdefault(f"{room}/{device}", found[device])
        if not rooms:
            found[device] = all(on for name, on in found.items() if name.rpartition("/")[2] == device)
    return found


def switch_changes(arguments: Mapping[str, object]) -> dict[str, bool]:
    """What a `privacy` request of the control socket asks for: switch to on or off; empty for `status`.

    `{"what": "on", "things": ["camera"]}` means privacy on, so `{"camera": False}`; with `"room": "living"`
    `{"living/camera": False}`. EdgeError if it is malformed.
    """
    what, things = arguments.get("what"), arguments.get("things", list(DEVICES))
    if what not in ("on", "off", "status"):
        raise EdgeError(f"privacy is on, off or status, not {what!r}")
    if not isinstance(things, list) or any(thing not in DEVICES for thing in things):
        raise EdgeError(f"privacy closes {' and '.join(DEVICES)}, not {things!r}")
    return {} if what == "status" else {_in_room(arguments, thing): what == "off" for thing in things}


def one_change(arguments: Mapping[str, object]) -> dict[str, bool]:
    """What a `switch` request asks for: `{"name": "actions", "on": false}`. EdgeError if it is malformed."""
    name, on = arguments.get("name"), arguments.get("on")
    if name not in SWITCHES or not isinstance(on, bool):
        raise EdgeError(
            f"a switch is one of {', '.join(SWITCHES)}, on is true or false; got {name!r}, {on!r}"
        )
    return {_in_room(arguments, str(name)): on}


def _in_room(arguments: Mapping[str, object], name: str) -> str:
    room = arguments.get("room")
    if room is None or name not in DEVICES:
        return name
    if not isinstance(room, str):
        raise EdgeError(f"room is the id of a room, not {room!r}")
    return f"{room}/{name}"
