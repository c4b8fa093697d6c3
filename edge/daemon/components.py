"""All components of the daemon, wired: built, started, replaced after a reload, and stopped together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from edge.config import Config
from edge.daemon.assembly import first_rooms, made_outlets, made_recorder, made_senses, made_switches
from edge.daemon.context import Context
from edge.daemon.garbage import search_everything
from edge.daemon.health import Health, Heartbeats
from edge.daemon.http import Http, open_http
from edge.daemon.kept import kept_history, look
from edge.daemon.privacy import closed_reasons, open_now, open_or_close
from edge.daemon.reload import take_over, touched
from edge.daemon.responses import facts
from edge.daemon.settings import RuntimeSettings
from edge.daemon.takeover import Takeover
from edge.daemon.vitals import problems, room_health, signs_of, summary, vitals
from edge.daemon.wall_clock import WallClock
from edge.history.recent import Recent
from edge.inference.memory import give_back
from edge.kiosk.vitals import Vitals
from edge.privacy.sharing import Permission, switches_needed
from edge.publish.health import Payload, Problem, status

if TYPE_CHECKING:
    from edge.kiosk.hub import Hub

__all__ = ["Components"]

LATE: Final = 20.0
"""Seconds without a heartbeat after which a stage counts as stuck."""
_LATE_OTHERWISE: Final = {"mqtt": 180.0}
"""The system's resolver may hold up the broker's thread for long without its being stuck."""


class Components:
    """Used by the main loop only. `view` makes what the page sees, if there is one.

    Raises EdgeError where the configuration cannot be put into effect.
    """

    def __init__(self, file: Config, context: Context, *, view: Callable[[Components, Recent], Hub]) -> None:
        self.settings = RuntimeSettings.load(file, context.env)
        self.context = context
        self._view = view
        self.health = Health(started=context.clock(), found=self._found)
        self.heartbeats = Heartbeats()
        self._acting = True
        self.rooms = first_rooms(self.settings, context.clock())
        config = self.config = self.settings.config
        self.senses = made_senses(config, context, self.health, self.heartbeats)
        self._needs = switches_needed(config)
        self.outlets = made_outlets(config, context, self.heartbeats)
        self.switches = made_switches(config, context, self.outlets, self.heartbeats)
        self._wall_clock = WallClock()
        self.recent = Recent()
        self.recorder = made_recorder(config, context, self.recent)
        self.http = self.new_http(config)
        self._prepare = Takeover(self).table()

    def start(self) -> None:
        """Start everything; devices open only as far as the switches allow."""
        self._tell_settings()
        self.outlets.start()
        self.switches.start()
        self.outlets.have_rooms(self.config, self.switches.former_rooms)
        self.senses.start()
        self.apply_switches()
        for room in self.rooms.values():
            self.outlets.publish_state(room)
        self.recorder.start()
        self.http.start()

    def stop(self) -> None:
        """Close the devices, say so, and say goodbye."""
        self.http.stop()
        self.recorder.stop()
        told = self.open_now()
        self.senses.stop()
        self.switches.now({name: on and name == "actions" for name, on in told.items()})
        self.switches.stop()
        self.outlets.stop()

    def replace(self, new: Config) -> None:
        """Take over a new file, with the settings on top, restarting only what changed.

        Raises EdgeError with nothing changed; the configuration counts as taken over last of all.
        """
        settings = self.settings.rebased(new)
        self._replace(settings.config)
        self.settings = settings
        self._tell_settings()

    def change_settings(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take over what people set, in the same two phases as a reload, and tell what holds now.

        Raises EdgeError with nothing changed.
        """
        layer = self.settings.with_changes(asked)
        if layer.config != self.config:
            self._replace(layer.config)
        self.settings.take(layer)
        self._tell_settings()
        return self.settings.view(asked.get("room"))

    def _tell_settings(self) -> None:
        self.outlets.publish_settings(self.settings.view(), self.settings.rooms)

    def _replace(self, new: Config) -> None:
        # The file of the password may hold another one now, which the log must not show.
        names = touched(self.config, new) | {"log"}
        better = () if "senses" in names else self.senses.workers.better_backend(new.engines)
        take_over(new, self._prepare, names)
        for worker in better:
            worker.reopen()
        self.config, self._needs = new, switches_needed(new)
        self.introduce()
        self.apply_switches()
        for room in self.rooms.values():
            self.outlets.publish_state(room)
        search_everything()
        give_back()

    def apply_switches(self) -> None:
        """Open and close devices as privacy demands; what was done is told after the fact."""
        desired = self.switches.desired(self.context.local_time())
        acts = desired.of("actions")
        if acts != self._acting:
            self._acting = acts
            self.outlets.acting.set_enabled(acts)
        try:
            permission, now = Permission(desired, self._needs), self.context.clock()
            open_or_close(self.rooms, self.senses, permission, self.outlets, now)
        finally:
            self.switches.now(self.open_now())

    def open_now(self) -> dict[str, bool]:
        """What is open, or acting, at this moment."""
        return {**open_now(self.rooms, self.senses), "actions": self._acting}

    def erase_history(self) -> None:
        """Forget all moods of the past, in memory and on disk; EdgeError if that fails."""
        self.recorder.erase()
        for room in self.rooms.values():
            room.mood.glimpse = None
        kept_history(self.config, self.context.env).erase()

    def look_out(self, now: float) -> None:
        """Notice senses that are open and tell nothing; called about once a second."""
        signs = {key: signs_of(room, self.senses) for key, room in self.rooms.items()}
        self.outlets.acting.look_out(signs, now)

    def closed_because(self) -> Mapping[str, str]:
        """Why something is closed, by the name of its switch."""
        desired = self.switches.desired(self.context.local_time())
        return closed_reasons(self.senses, Permission(desired, self._needs))

    def remember(self, now: float) -> None:
        """Take the rooms down for the history; called about once a second."""
        found = status(self.health.problems(now))
        wall = self.context.wall()
        step = self._wall_clock.set_by(wall, self.context.boot())
        if step:
            self.recorder.clock_set(step)
            self.outlets.acting.announce_again()
        self.recorder.record({room.plan.id: look(room.mood, found, wall) for room in self.rooms.values()})

    def stuck(self, now: float) -> dict[str, float]:
        """Age of the stages that have not stamped their heartbeat for too long."""
        return self.heartbeats.overdue(now, LATE, _LATE_OTHERWISE)

    def check_health(self, now: float) -> None:
        """Look at every component and publish what is due."""
        self.revive()
        self.switches.tick(now, self.outlets.connection())
        self.settings.retry()
        self.senses.measure(now)
        self.outlets.publish_health(self._health(now))

    def revive(self) -> None:
        """Start threads again that are gone although nobody ended them."""
        for component in (self.senses, self.outlets, self.recorder, self.http):
            component.revive()

    def diagnosis(self, now: float | None = None) -> Mapping[str, Any]:
        """Health as it is published, for whoever asks; `now` is the present moment unless told."""
        return self.outlets.health(self._health(self.context.clock() if now is None else now))

    def vitals(self) -> Vitals:
        """Everything the metrics are made of; called on the scraper's thread."""
        return vitals(self, self.context.clock())

    def introduce(self) -> None:
        """Publish what this device is."""
        self.outlets.introduce(facts(self.config, self.rooms, self.health))

    def describe(self) -> str:
        """One line for `systemctl status` and the log."""
        return summary(self, self.context.clock())

    @cached_property
    def hub(self) -> Hub:
        """The daemon as the page sees it."""
        return self._view(self, self.recent)

    def new_http(self, config: Config) -> Http:
        """Page and metrics, not listening yet. Raises ConfigError."""
        return open_http(
            config,
            hub=lambda: self.hub,
            vitals=self.vitals,
            clock=self.context.clock,
            heartbeats=self.heartbeats,
        )

    def _health(self, now: float) -> Payload:
        payload = self.health.payload(now)
        if self.config.rooms:
            payload["rooms"] = room_health(self.rooms, self.senses, now)
        return payload

    def _found(self, now: float) -> list[Problem]:
        """What is wrong with any component, as found by asking them."""
        return problems(self, now)
