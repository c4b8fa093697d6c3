"""All components of the daemon, wired: built, started, replaced after a reload, and stopped together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from edge.actions.vigilance import SenseSigns
from edge.config import Config, resolve_password, revealed
from edge.daemon.alerting import SensesNow
from edge.daemon.health import Health, Heartbeats, late
from edge.daemon.http import Http, open_http
from edge.daemon.kept import kept_history, look
from edge.daemon.logs import configure as configure_logs
from edge.daemon.memory import give_back
from edge.daemon.outlets import Outlets
from edge.daemon.reload import Commit, Prepare, take_over, touched
from edge.daemon.responses import facts
from edge.daemon.senses import Openers, Senses, check_models
from edge.daemon.settings import RuntimeSettings
from edge.daemon.switches import ControlRequest, Switches
from edge.errors import CaptureError, ConfigError, EdgeError
from edge.history.recent import Recent
from edge.history.recorder import Recorder
from edge.inference.directories import model_directory
from edge.kiosk.vitals import Vitals
from edge.mood.parameters import read_parameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.publish.commands import Command
from edge.publish.health import Problem, status
from edge.publish.stats import RunStats

if TYPE_CHECKING:
    from edge.daemon.hub import DaemonHub

__all__ = ["Components", "Context"]

_log = logging.getLogger(__name__)

LATE: Final = 20.0
"""Seconds without a heartbeat after which a stage counts as stuck."""
_LATE_OTHERWISE: Final = {"mqtt": 180.0}
"""The system's resolver may hold up the broker's thread for long without its being stuck."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the components are given: clocks, environment, counts, and the way into the main loop."""

    env: Mapping[str, str]
    clock: Callable[[], float]
    wall: Callable[[], float]
    post: Callable[[FaceObservation | SpeechObservation | ControlRequest], None]
    on_command: Callable[[Command], None]
    stats: RunStats
    openers: Openers = field(default_factory=Openers)

    def local_time(self) -> datetime:
        """The wall clock in the local time zone."""
        return datetime.fromtimestamp(self.wall()).astimezone()


class Components:
    """Used by the main loop only. Raises EdgeError where the configuration cannot be put into effect."""

    def __init__(self, file: Config, context: Context) -> None:
        self.settings = RuntimeSettings.load(file, context.env)
        self.config = self.settings.config
        self._context = context
        self.health = Health(started=context.clock(), found=self._found)
        self._heartbeats = Heartbeats()
        self._acting = True
        self.room = self._first_room()
        config = self.config
        self.senses = self._new_senses(config)
        self.outlets = Outlets(
            config=config,
            env=context.env,
            clock=context.clock,
            wall=context.wall,
            on_command=context.on_command,
            heartbeats=self._heartbeats,
        )
        self.switches = self._new_switches(config)
        self._recent = Recent()
        self._recorder = self._new_recorder(config)
        self._http = self._new_http(config)
        self._prepare: Mapping[str, Prepare] = {
            "log": self._prepare_log,
            "mood": self._prepare_mood,
            "patience": self._prepare_patience,
            "publisher": self._prepare_publisher,
            "actions": self.outlets.prepare_actions,
            "senses": self._prepare_senses,
            "control": self._prepare_switches,
            "privacy": self._prepare_privacy,
            "history": self._prepare_history,
            "http": self._prepare_http,
        }

    def start(self) -> None:
        """Start everything; devices open only as far as the switches allow."""
        self.outlets.publish_settings(self.settings.view())
        self.outlets.start()
        self.switches.start()
        self.senses.start()
        self.apply_switches()
        self.outlets.publish_state(self.room)
        self._recorder.start()
        self._http.start()

    def stop(self) -> None:
        """Close the devices, say so, and say goodbye."""
        self._http.stop()
        self._recorder.stop()
        self.senses.stop()
        self.switches.now({**self.open_now(), "camera": False, "microphone": False})
        self.switches.stop()
        self.outlets.stop()

    def replace(self, new: Config) -> None:
        """Take over a new file, with the settings on top, restarting only what changed.

        Raises EdgeError with nothing changed; the configuration counts as taken over last of all.
        """
        settings = self.settings.rebased(new)
        self._replace(settings.config)
        self.settings = settings
        self.outlets.publish_settings(self.settings.view())

    def change_settings(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take over what people set, in the same two phases as a reload, and tell what holds now.

        Raises EdgeError with nothing changed.
        """
        layer = self.settings.with_changes(asked)
        if layer.config != self.config:
            self._replace(layer.config)
        self.settings.take(layer)
        view = self.settings.view()
        self.outlets.publish_settings(view)
        return view

    def _replace(self, new: Config) -> None:
        # The file of the password may hold another one now, which the log must not show.
        names = touched(self.config, new) | {"log"}
        better = () if "senses" in names else self.senses.better_backend(new.engines)
        take_over(new, self._prepare, names)
        for worker in better:
            worker.reopen()
        self.config = new
        self.introduce()
        self.apply_switches()
        give_back()

    def apply_switches(self) -> None:
        """Open and close devices as privacy demands; what was done is told after the fact."""
        desired = self.switches.desired(self._context.local_time())
        for device, sense in (("camera", self.senses.camera), ("microphone", self.senses.microphone)):
            wanted = desired.of(device) and sense.source is not None
            if wanted != sense.is_open:
                modality = self.senses.switch(device, wanted)
                if not wanted:
                    left = self.room.forget(modality, self._context.clock())
                    self.outlets.publish_state(self.room)
                    self.outlets.publish_people(self.room, left)
                _log.info("%s %s", device, "opened" if wanted else "closed")
        if desired.actions != self._acting:
            self._acting = desired.actions
            self.outlets.set_actions(desired.actions)
        self.switches.now(self.open_now())

    def open_now(self) -> dict[str, bool]:
        """What is open, or acting, at this moment."""
        camera, microphone = self.senses.camera.is_open, self.senses.microphone.is_open
        return {"camera": camera, "microphone": microphone, "actions": self._acting}

    def erase_history(self) -> None:
        """Forget all moods of the past, in memory and on disk; EdgeError if that fails."""
        self._recorder.erase()
        kept_history(self.config, self._context.env).erase()

    def look_out(self, now: float) -> None:
        """Notice senses that are open and tell nothing; called about once a second."""
        face = self.room.newest.get("face")
        eyes = SenseSigns(self.senses.camera.is_open, None if face is None else face.captured_at)
        ears = SenseSigns(self.senses.microphone.is_open, self.senses.sounded_at)
        self.outlets.look_out(SensesNow(eyes, ears), now)

    def closed_because(self) -> Mapping[str, str]:
        """Why something is closed, by the name of its switch."""
        return self.switches.desired(self._context.local_time()).reasons

    def remember(self, now: float) -> None:
        """Take the room down for the history; called about once a second."""
        found = status(self.health.problems(now))
        self._recorder.record({self.config.device.id: look(self.room, found, self._context.wall())})

    def stuck(self, now: float) -> dict[str, float]:
        """Age of the stages that have not stamped their heartbeat for too long."""
        return self._heartbeats.overdue(now, LATE, _LATE_OTHERWISE)

    def check_health(self, now: float) -> None:
        """Look at every component and publish what is due."""
        self.revive()
        self.switches.tick(now)
        self.settings.retry()
        self.senses.measure(now)
        self.outlets.publish_health(self.health.payload(now))

    def revive(self) -> None:
        """Start threads again that are gone although nobody ended them."""
        for component in (self.senses, self.outlets, self._recorder, self._http):
            component.revive()

    def diagnosis(self, now: float | None = None) -> Mapping[str, Any]:
        """Health as it is published, for whoever asks; `now` is the present moment unless told."""
        return self.outlets.health(self.health.payload(self._context.clock() if now is None else now))

    def vitals(self) -> Vitals:
        """Everything the metrics are made of; called on the scraper's thread."""
        now, room, broker = self._context.clock(), self.room, self.outlets.broker()
        senses = (self.senses.camera, self.senses.microphone)
        refusals = (
            [Problem("mqtt", text.removeprefix("mqtt: ")) for text in broker["problems"]] if broker else []
        )
        return Vitals(
            config=self.config,
            uptime=self.health.uptime(now),
            mood=room.mood,
            probabilities=room.probabilities,
            faces=room.faces,
            speaking=room.speaking,
            stages={"face": self.health.face.snapshot(now), "speech": self.health.speech.snapshot(now)},
            devices={s.device: (s.is_open, s.status) for s in senses if s.source is not None},
            broker=broker,
            actions=self.outlets.actions(),
            problems=[*self.health.problems(now), *refusals],
            stats=self._context.stats,
        )

    def introduce(self) -> None:
        """Publish what this device is."""
        self.outlets.introduce(facts(self.config, self.room.parameters, self.health))

    def describe(self) -> str:
        """One line for `systemctl status` and the log."""
        now = self._context.clock()
        face, speech = self.health.face.snapshot(now), self.health.speech.snapshot(now)
        return (
            f"face {face.backend or 'off'} {face.fps:g} fps, speech {speech.backend or 'off'}, "
            f"mqtt {self.outlets.connection()}, mood {self.room.mood.emotion}"
        )

    def _first_room(self) -> RoomMood:
        """The room as people have set it; where that cannot be had any more, as the file has it."""
        try:
            return self._new_room(self.config)
        except EdgeError as error:
            if not self.settings.view()["set"]:
                raise
            self.settings.rest(str(error))
            self.config = self.settings.config
            return self._new_room(self.config)

    def _new_room(self, config: Config) -> RoomMood:
        parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
        return RoomMood(config=config, parameters=parameters, now=self._context.clock())

    def _new_senses(self, config: Config) -> Senses:
        try:
            return Senses(
                config=config,
                health=self.health,
                heartbeats=self._heartbeats,
                clock=self._context.clock,
                emit=self._context.post,
                openers=self._context.openers,
            )
        except CaptureError as error:
            raise ConfigError(str(error)) from error

    def _new_switches(self, config: Config) -> Switches:
        return Switches(
            config=config,
            env=self._context.env,
            post=self._context.post,
            publish=self.outlets.send,
            announce=self.outlets.announce,
            heartbeats=self._heartbeats,
            clock=self._context.clock,
        )

    @cached_property
    def hub(self) -> DaemonHub:
        """The daemon as the page sees it."""
        from edge.daemon.hub import DaemonHub

        context = self._context
        return DaemonHub(
            self,
            post=context.post,
            recent=self._recent,
            env=context.env,
            clock=context.clock,
            wall=context.wall,
        )

    def _new_http(self, config: Config) -> Http:
        return open_http(
            config,
            hub=lambda: self.hub,
            vitals=self.vitals,
            clock=self._context.clock,
            heartbeats=self._heartbeats,
        )

    def _new_recorder(self, config: Config) -> Recorder:
        keep = config.history.keep
        store = None if keep is None else kept_history(config, self._context.env)
        return Recorder(self._recent, store, keep or 0.0)

    def _found(self, now: float) -> list[Problem]:
        """What is wrong with any component, as found by asking them."""
        found = [*self.senses.problems(), *late(self.stuck(now))]
        if self.room.parameters.problem is not None:
            found.append(Problem("fusion", self.room.parameters.problem))
        found += [*self.outlets.problems(), *self.switches.problems(), *self.settings.problems()]
        if self._recorder.problem is not None:
            found.append(Problem("history", self._recorder.problem))
        return found + self._http.problems()

    def _prepare_log(self, new: Config) -> Commit:
        password = resolve_password(new.mqtt, self._context.env)
        return lambda: configure_logs(new.log, env=self._context.env, secrets=revealed(password))

    def _prepare_mood(self, new: Config) -> Commit:
        room = self._new_room(new)

        def commit() -> None:
            room.carry_on(self.room)
            self.room = room

        return commit

    def _prepare_patience(self, new: Config) -> Commit:
        return lambda: self.room.expect(new.camera.fps)

    def _prepare_publisher(self, new: Config) -> Commit:
        connect = self.outlets.prepare_publisher(new)

        def commit() -> None:
            connect()
            self.switches.announce_again()
            self.outlets.publish_settings(self.settings.view())

        return commit

    def _prepare_senses(self, new: Config) -> Commit:
        check_models(new)
        senses = self._new_senses(new)

        def commit() -> None:
            self.senses.stop()
            self.senses = senses
            senses.start()

        return commit

    def _prepare_switches(self, new: Config) -> Commit:
        switches = self._new_switches(new)

        def commit() -> None:
            self.switches.stop()
            self.switches = switches
            switches.start()

        return commit

    def _prepare_privacy(self, new: Config) -> Commit:
        return lambda: self.switches.reconfigure(new)

    def _prepare_history(self, new: Config) -> Commit:
        recorder = self._new_recorder(new)

        def commit() -> None:
            self._recorder.stop()
            self._recorder = recorder
            recorder.start()

        return commit

    def _prepare_http(self, new: Config) -> Commit:
        http = self._new_http(new)

        def commit() -> None:
            self._http.stop()
            self._http = http
            http.start()

        return commit
