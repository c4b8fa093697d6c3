"""The daemon: senses in, moods out. One main loop; everything that may block runs in threads of its own."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Final

from edge.config import Config, Loaded, resolve_password
from edge.emotions import Mood
from edge.errors import ConfigError
from edge.fusion_parameters import read_parameters
from edge.health import Health, Heartbeats, late
from edge.house import House
from edge.inference.places import model_directory
from edge.logs import configure as configure_logs
from edge.logs import fields
from edge.periodic import Every
from edge.publish.commands import Command, failed, ok
from edge.room import FaceSeen, Outcome, Room, SpeechHeard
from edge.senses import Senses
from edge.stats import RunStats
from edge.systemd import Notifier

__all__ = ["Daemon", "Signal"]

_log = logging.getLogger(__name__)

LATE: Final[Mapping[str, float]] = {"camera": 20.0, "microphone": 20.0, "face": 20.0, "speech": 20.0}
"""Seconds without a heartbeat after which a stage counts as stuck."""
SETTLE: Final = 10.0
TICK: Final = 0.1
MOST_WAITING: Final = 200


class Signal(Enum):
    """What the outside asks of the main loop."""

    STOP = "stop"
    RELOAD = "reload"
    RESTART = "restart"


Event = FaceSeen | SpeechHeard | Command | Signal


class Daemon:
    """Owns every part; `run` starts them, loops, and stops them in the opposite order.

    `reload` reads the configuration anew and may raise ConfigError; `on_mood` is told every accepted
    change; `clock` is monotonic, `wall` Unix time. `post` may be called from any thread or signal handler.
    """

    def __init__(
        self,
        *,
        loaded: Loaded,
        reload: Callable[[], Loaded],
        env: Mapping[str, str],
        notifier: Notifier,
        watchdog: float | None,
        clock: Callable[[], float],
        wall: Callable[[], float],
        on_mood: Callable[[Mood], None] = lambda _: None,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = loaded.config
        self._reload = reload
        self._env = env
        self._notifier = notifier
        self._watchdog = Every(watchdog) if watchdog is not None else None
        self._clock, self._wall = clock, wall
        self._on_mood, self._on_ready = on_mood, on_ready
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.stats = RunStats(started=clock())
        self._health = Health(started=clock())
        self._heartbeats = Heartbeats()
        self._health_check = Every(1.0)
        self._status_line = Every(5.0)
        self._room = self._new_room(self._config)
        self._senses = self._new_senses(self._config)
        self._house = self._new_house(self._config)

    def post(self, event: Event) -> None:
        """Hand something to the main loop."""
        self._inbox.put(event)

    def run(self, duration: float | None = None) -> Signal:
        """Run until asked to stop or restart, or until `duration` seconds after READY."""
        self._start()
        try:
            return self._loop(None if duration is None else self._clock() + duration)
        finally:
            self._stop()

    def _start(self) -> None:
        self._house.start()
        self._senses.start()
        self._apply_switches()
        if not self._senses.settled(SETTLE):
            _log.warning("the models are still loading; carrying on meanwhile")
        self.stats.started = self._clock()
        self._check_health(self._clock())
        self._notifier.ready(self._describe())
        self._on_ready()
        _log.info("ready", extra=fields(device=self._config.device.id, summary=self._describe()))

    def _stop(self) -> None:
        self._notifier.stopping()
        self._senses.stop()
        self._house.device_states({"camera": False, "microphone": False})
        self._house.stop()
        _log.info("stopped")

    def _loop(self, until: float | None) -> Signal:
        while until is None or self._clock() < until:
            with suppress(queue.Empty):
                event = self._inbox.get(timeout=TICK)
                if isinstance(event, Signal) and event is not Signal.RELOAD:
                    return event
                self._handle(event)
            self._periodic(self._clock())
        return Signal.STOP

    def _handle(self, event: Event) -> None:
        if isinstance(event, FaceSeen):
            self._see(event)
        elif isinstance(event, SpeechHeard):
            self._hear(event)
        elif isinstance(event, Command):
            self._command(event)
        else:
            self._reload_config()

    def _see(self, seen: FaceSeen) -> None:
        if not self._senses.camera.is_open:
            return
        self.stats.frames += 1
        self.stats.faces += seen.faces > 0
        now = self._clock()
        self._health.face.record(now, now - seen.captured_at)
        self._conclude(self._room.see(seen, now), now)
        if seen.subject is not None:
            self._house.publish_reading(seen.subject, self._health)

    def _hear(self, heard: SpeechHeard) -> None:
        if not self._senses.microphone.is_open:
            return
        now = self._clock()
        self._conclude(self._room.hear(heard, now), now)
        if heard.reading is not None:
            self.stats.speech_windows += 1
            self._health.speech.record(now, now - heard.captured_at)
            self._house.publish_reading(heard.reading, self._health)

    def _conclude(self, outcome: Outcome, now: float) -> None:
        """Publish what an observation led to; a latency is measured for every fused update."""
        if outcome.mood is not None:
            self._changed(outcome.mood, now)
        else:
            self._house.publish_state(self._room)
        if outcome.fused is not None:
            self.stats.latency.add(self._clock() - outcome.fused.captured_at)

    def _changed(self, mood: Mood, now: float) -> None:
        self._house.mood_changed(mood, self._room, now, self._local_time())
        self.stats.moods[mood.emotion] += 1
        self._on_mood(mood)
        _log.info(
            "mood",
            extra=fields(emotion=mood.emotion, confidence=round(mood.confidence, 2), source=mood.source),
        )

    def _periodic(self, now: float) -> None:
        outcome = self._room.tick(now)
        if outcome.mood is not None:
            self._changed(outcome.mood, now)
        self._house.tick(now, self._local_time())
        self._apply_switches()
        if self._health_check.due(now):
            self._check_health(now)
        if self._status_line.due(now):
            self._notifier.status(self._describe())
        if self._watchdog is not None and self._watchdog.due(now) and not self._stuck(now):
            self._notifier.watchdog()

    def _apply_switches(self) -> None:
        """Open and close devices as privacy demands; what was done is published after the fact."""
        desired = self._house.desired(self._local_time())
        for device, sense in (("camera", self._senses.camera), ("microphone", self._senses.microphone)):
            wanted = desired[device] and sense.source is not None
            if wanted != sense.is_open:
                modality = self._senses.switch(device, wanted)
                if not wanted:
                    self._room.forget(modality)
                _log.info("%s %s", device, "opened" if wanted else "closed")
        self._house.device_states(
            {"camera": self._senses.camera.is_open, "microphone": self._senses.microphone.is_open}
        )

    def _stuck(self, now: float) -> dict[str, float]:
        return self._heartbeats.overdue(now, LATE)

    def _check_health(self, now: float) -> None:
        self._senses.count_drops()
        extra = [*self._senses.problems(), *late(self._stuck(now)), *self._house.problems()]
        self._house.publish_health(self._health.payload(now, extra=extra))

    def _describe(self) -> str:
        now = self._clock()
        face, speech = self._health.face.snapshot(now), self._health.speech.snapshot(now)
        return (
            f"face {face.backend or 'off'} {face.fps:g} fps, speech {speech.backend or 'off'}, "
            f"mqtt {self._house.connection()}, mood {self._room.mood.emotion}"
        )

    def _command(self, command: Command) -> None:
        if command.kind == "set":
            self._house.switch(command.name, command.on)
            self._apply_switches()
        elif command.name == "reload":
            problem = self._reload_config()
            command.respond(failed(problem) if problem else ok())
        elif command.name == "restart":
            command.respond(ok())
            self.post(Signal.RESTART)
        else:
            self._house.answer(command, self._room, self._config)

    def _reload_config(self) -> str | None:
        """Take over a valid configuration; keep the old one otherwise and say why."""
        self._notifier.reloading()
        try:
            loaded = self._reload()
            resolve_password(loaded.config.mqtt, self._env)
            self._replace(loaded.config)
        except ConfigError as error:
            _log.error("configuration not reloaded, the old one stays in force: %s", error)
            self._health.report("configuration", "not reloaded: " + str(error).splitlines()[0])
            return str(error)
        else:
            self._health.clear("configuration")
            _log.info("configuration reloaded")
            return None
        finally:
            self._notifier.ready(self._describe())

    def _replace(self, new: Config) -> None:
        """Restart only what changed."""
        old, self._config = self._config, new
        configure_logs(new.log, env=self._env)
        if (old.camera, old.microphone, old.engines) != (new.camera, new.microphone, new.engines):
            self._senses.stop()
            self._senses = self._new_senses(new)
            self._senses.start()
        else:
            self._senses.reconsider_backend()
        if (old.fusion, old.smoothing, old.engines) != (new.fusion, new.smoothing, new.engines):
            self._room = self._new_room(new)
        self._house.replace(old, new)
        self._apply_switches()

    def _new_room(self, config: Config) -> Room:
        parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
        return Room(config=config, parameters=parameters, now=self._clock())

    def _new_senses(self, config: Config) -> Senses:
        return Senses(
            config=config,
            health=self._health,
            heartbeats=self._heartbeats,
            clock=self._clock,
            emit=self.post,
        )

    def _new_house(self, config: Config) -> House:
        return House(
            config=config,
            env=self._env,
            clock=self._clock,
            wall=self._wall,
            on_command=self._post_bounded,
        )

    def _post_bounded(self, command: Command) -> None:
        if self._inbox.qsize() > MOST_WAITING:
            raise queue.Full
        self.post(command)

    def _local_time(self) -> datetime:
        return datetime.fromtimestamp(self._wall()).astimezone()
