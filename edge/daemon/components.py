"""All parts of the daemon, wired: built, started, replaced after a reload, and stopped together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector

from edge.config import Config, resolve_password, revealed
from edge.daemon.health import Health, Heartbeats, late
from edge.daemon.logs import configure as configure_logs
from edge.daemon.outlets import House
from edge.daemon.responses import facts
from edge.daemon.senses import Senses
from edge.daemon.switches import ControlRequest, Switches
from edge.errors import CaptureError, ConfigError
from edge.inference.directories import model_directory
from edge.kiosk.endpoints import health_route, metrics_route
from edge.kiosk.metrics import StateCollector, Vitals
from edge.kiosk.server import HttpServer, Listening
from edge.mood.parameters import read_parameters
from edge.mood.room import FaceSeen, Room, SpeechHeard
from edge.publish.commands import Command
from edge.publish.health import Problem
from edge.publish.stats import RunStats

__all__ = ["Context", "Parts"]

_log = logging.getLogger(__name__)

LATE: Final[Mapping[str, float]] = {"camera": 20.0, "microphone": 20.0, "face": 20.0, "speech": 20.0}
"""Seconds without a heartbeat after which a stage counts as stuck."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the parts are given: clocks, environment, counts, and the way into the main loop."""

    env: Mapping[str, str]
    clock: Callable[[], float]
    wall: Callable[[], float]
    post: Callable[[FaceSeen | SpeechHeard | ControlRequest], None]
    on_command: Callable[[Command], None]
    stats: RunStats

    def local_time(self) -> datetime:
        """The wall clock in the local time zone."""
        return datetime.fromtimestamp(self.wall()).astimezone()


class Parts:
    """Used by the main loop only. Raises EdgeError where the configuration cannot be put into effect."""

    def __init__(self, config: Config, context: Context) -> None:
        self.config = config
        self._context = context
        self._started = context.clock()
        self.health = Health(started=self._started)
        self._heartbeats = Heartbeats()
        self._acting = True
        self.room = self._new_room(config)
        self.senses = self._new_senses(config)
        self.house = House(
            config=config,
            env=context.env,
            clock=context.clock,
            wall=context.wall,
            on_command=context.on_command,
        )
        self.switches = self._new_switches(config)
        self._metrics = self._new_metrics(config)

    def start(self) -> None:
        """Start everything; devices open only as far as the switches allow."""
        self.house.start()
        self.switches.start()
        self.senses.start()
        self.apply_switches()
        self.house.publish_state(self.room)
        if self._metrics is not None:
            self._metrics.start()

    def stop(self) -> None:
        """Close the devices, say so, and say goodbye."""
        if self._metrics is not None:
            self._metrics.stop()
        self.senses.stop()
        self.switches.now({**self.open_now(), "camera": False, "microphone": False})
        self.switches.stop()
        self.house.stop()

    def replace(self, new: Config) -> None:
        """Take over a new configuration, restarting only what changed; on an error nothing has changed."""
        old = self.config
        password = resolve_password(new.mqtt, self._context.env)
        room = self._new_room(new) if _differ(old, new, "fusion", "smoothing", "engines") else self.room
        sensing = _differ(old, new, "camera", "microphone", "engines")
        senses = self._new_senses(new) if sensing else self.senses
        reconnected = self.house.replace(old, new)
        self.config, self.room = new, room
        configure_logs(new.log, env=self._context.env, secrets=revealed(password))
        if sensing:
            self.senses.stop()
            self.senses = senses
            self.senses.start()
        else:
            self.senses.reconsider_backend(new.engines)
        self._replace_switches(old, new, reconnected)
        if old.metrics != new.metrics:
            self._replace_metrics(new)
        self.introduce()
        self.apply_switches()

    def apply_switches(self) -> None:
        """Open and close devices as privacy demands; what was done is told after the fact."""
        desired = self.switches.desired(self._context.local_time())
        for device, sense in (("camera", self.senses.camera), ("microphone", self.senses.microphone)):
            wanted = desired.of(device) and sense.source is not None
            if wanted != sense.is_open:
                modality = self.senses.switch(device, wanted)
                if not wanted:
                    self.room.forget(modality)
                    self.house.publish_state(self.room)
                _log.info("%s %s", device, "opened" if wanted else "closed")
        if desired.actions != self._acting:
            self._acting = desired.actions
            self.house.set_actions(desired.actions)
        self.switches.now(self.open_now())

    def open_now(self) -> dict[str, bool]:
        """What is open, or acting, at this moment."""
        camera, microphone = self.senses.camera.is_open, self.senses.microphone.is_open
        return {"camera": camera, "microphone": microphone, "actions": self._acting}

    def control(self, request: ControlRequest) -> None:
        """Carry out and answer a request of the control socket."""
        if self.switches.apply(request):
            self.apply_switches()
            reasons = self.switches.desired(self._context.local_time()).reasons
            request.answer.set_result({**self.open_now(), "reasons": dict(reasons)})

    def stuck(self, now: float) -> dict[str, float]:
        """Age of the stages that have not stamped their heartbeat for too long."""
        return self._heartbeats.overdue(now, LATE)

    def check_health(self, now: float) -> None:
        """Look at every part and publish what is due."""
        self.senses.count_drops()
        self.house.publish_health(self.health.payload(now, extra=self.problems(now)))

    def problems(self, now: float) -> list[Problem]:
        """What is wrong with any part, as found by asking them."""
        found = [*self.senses.problems(), *late(self.stuck(now))]
        found += [*self.house.problems(), *self.switches.problems()]
        return found + (self._metrics.problems() if self._metrics is not None else [])

    def vitals(self) -> Vitals:
        """Everything the metrics are made of; called on the scraper's thread."""
        now, room, broker = self._context.clock(), self.room, self.house.broker()
        senses = (self.senses.camera, self.senses.microphone)
        refusals = [Problem("mqtt", text) for text in broker["problems"]] if broker else []
        return Vitals(
            config=self.config,
            uptime=now - self._started,
            mood=room.mood,
            probabilities=room.probabilities,
            faces=room.faces,
            speaking=room.speaking,
            stages={"face": self.health.face.snapshot(now), "speech": self.health.speech.snapshot(now)},
            devices={s.device: (s.is_open, s.status) for s in senses if s.source is not None},
            broker=broker,
            actions=self.house.actions(),
            problems=[*self.health.problems(), *self.problems(now), *refusals],
            stats=self._context.stats,
        )

    def introduce(self) -> None:
        """Publish what this device is."""
        self.house.introduce(facts(self.config, self.room.parameters, self.health, self._context.clock()))

    def describe(self) -> str:
        """One line for `systemctl status` and the log."""
        now = self._context.clock()
        face, speech = self.health.face.snapshot(now), self.health.speech.snapshot(now)
        return (
            f"face {face.backend or 'off'} {face.fps:g} fps, speech {speech.backend or 'off'}, "
            f"mqtt {self.house.connection()}, mood {self.room.mood.emotion}"
        )

    def _new_room(self, config: Config) -> Room:
        parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
        return Room(config=config, parameters=parameters, now=self._context.clock())

    def _new_senses(self, config: Config) -> Senses:
        try:
            return Senses(
                config=config,
                health=self.health,
                heartbeats=self._heartbeats,
                clock=self._context.clock,
                emit=self._context.post,
            )
        except CaptureError as error:
            raise ConfigError(str(error)) from error

    def _new_switches(self, config: Config) -> Switches:
        return Switches(
            config=config,
            env=self._context.env,
            post=self._context.post,
            publish=self.house.send,
            announce=self.house.announce,
        )

    def _new_metrics(self, config: Config) -> HttpServer | None:
        if not config.metrics.enabled:
            return None
        registry = CollectorRegistry()
        registry.register(StateCollector(self.vitals))
        ProcessCollector(registry=registry)
        routes = (metrics_route(registry), health_route(lambda: self.vitals().problems))
        here = config.metrics
        return HttpServer(Listening("metrics", here.host, here.port, tuple(here.allowed_hosts)), routes)

    def _replace_metrics(self, new: Config) -> None:
        if self._metrics is not None:
            self._metrics.stop()
        self._metrics = self._new_metrics(new)
        if self._metrics is not None:
            self._metrics.start()

    def _replace_switches(self, old: Config, new: Config, reconnected: bool) -> None:
        if old.device.id != new.device.id:
            self.switches.stop()
            self.switches = self._new_switches(new)
            self.switches.start()
        elif old.privacy != new.privacy:
            self.switches.reconfigure(new)
        if reconnected:
            self.switches.announce_again()


def _differ(old: Config, new: Config, *sections: str) -> bool:
    return any(getattr(old, section) != getattr(new, section) for section in sections)
