"""What may be open now: the switches a person has set, and the schedule above them.

A thing is open only if its switch is on and no scheduled span closes it: the schedule wins. Switching on
during such a span is remembered and counts when the span ends; switching off counts at once and stays.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.config.models import PrivacyConfig
from edge.config.schedule import DEVICES, SWITCHES, Period, closed_by
from edge.errors import EdgeError
from edge.privacy.store import SwitchStore

__all__ = ["Desired", "PrivacyState", "one_change", "switch_changes"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desired:
    """What shall be open; `reasons` says why something is not."""

    camera: bool
    microphone: bool
    actions: bool
    reasons: Mapping[str, str]

    def of(self, name: str) -> bool:
        """By the name of the switch."""
        return {"camera": self.camera, "microphone": self.microphone, "actions": self.actions}[name]


class PrivacyState:
    """The switches and the schedule; not thread-safe, owned by the main loop.

    With `start_disabled` camera and microphone begin switched off at every start. `problem` says what keeps
    the switches from being remembered, `stored` whether they are.
    """

    def __init__(self, config: PrivacyConfig, *, store: SwitchStore) -> None:
        self._store = store
        self._periods = [Period.parse(text) for text in config.schedule]
        found = store.load()
        self._switches, self._remembered = found.switches, dict(found.switches)
        self._unsafe: set[str] = set()
        self.problem = found.problem
        self.stored = True
        if config.start_disabled:
            self._switches.update(dict.fromkeys(DEVICES, False))

    @property
    def switches(self) -> Mapping[str, bool]:
        """What people have set, whatever the schedule says."""
        return dict(self._switches)

    def set(self, name: str, on: bool) -> None:
        """Set a switch. It counts at once; `problem` says so if it could not be stored."""
        if name not in SWITCHES:
            raise EdgeError(f"no switch {name!r}; there are {', '.join(SWITCHES)}")
        self._switches[name] = on
        self._unsafe.discard(name)
        self._save(self._switches)

    def begin(self) -> None:
        """Make sure, before anything opens, that switching off can be remembered; else start closed."""
        self._store.remove_scraps()
        if self.problem is not None:
            return
        self._save(self._remembered)
        if not self.stored:
            self._unsafe.update(name for name in DEVICES if self._switches[name])
            self._switches.update(dict.fromkeys(DEVICES, False))
            _log.warning("camera and microphone start closed: %s", self.problem)

    def retry(self) -> None:
        """Store again what could not be stored."""
        if not self.stored:
            self._save(self._switches)

    def _save(self, switches: Mapping[str, bool]) -> None:
        try:
            self._store.save(switches)
        except EdgeError as error:
            self.problem, self.stored = str(error), False
        else:
            self.problem, self.stored = None, True

    def reconfigure(self, config: PrivacyConfig) -> None:
        """Take over a new schedule; the switches stay."""
        self._periods = [Period.parse(text) for text in config.schedule]

    def desired(self, wall: datetime) -> Desired:
        """What shall be open at this local time."""
        reasons = {name: reason for name in SWITCHES if (reason := self._closed(name, wall)) is not None}
        camera, microphone, actions = (name not in reasons for name in SWITCHES)
        return Desired(camera, microphone, actions, reasons)

    def _closed(self, name: str, wall: datetime) -> str | None:
        if name in self._unsafe:
            return "switches could not be stored at the start; switch it on again"
        if not self._switches[name]:
            return "switched off"
        period = closed_by(self._periods, name, wall)
        return None if period is None else f"schedule {period.text!r}, until {period.ends}"


def switch_changes(arguments: Mapping[str, object]) -> dict[str, bool]:
    """What a `privacy` request of the control socket asks for: switch to on or off; empty for `status`.

    `{"what": "on", "things": ["camera"]}` means privacy on, so `{"camera": False}`. EdgeError if it is
    malformed.
    """
    what, things = arguments.get("what"), arguments.get("things", list(DEVICES))
    if what not in ("on", "off", "status"):
        raise EdgeError(f"privacy is on, off or status, not {what!r}")
    if not isinstance(things, list) or any(thing not in DEVICES for thing in things):
        raise EdgeError(f"privacy closes {' and '.join(DEVICES)}, not {things!r}")
    return {} if what == "status" else {str(thing): what == "off" for thing in things}


def one_change(arguments: Mapping[str, object]) -> dict[str, bool]:
    """What a `switch` request asks for: `{"name": "actions", "on": false}`. EdgeError if it is malformed."""
    name, on = arguments.get("name"), arguments.get("on")
    if name not in SWITCHES or not isinstance(on, bool):
        raise EdgeError(
            f"a switch is one of {', '.join(SWITCHES)}, on is true or false; got {name!r}, {on!r}"
        )
    return {str(name): on}
