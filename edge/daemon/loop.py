"""The daemon: senses in, moods out. One main loop; everything that may block runs in threads of its own."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from edge.config import Loaded
from edge.daemon.components import Components
from edge.daemon.context import Context
from edge.daemon.event_queue import Event, EventQueue, Signal
from edge.daemon.logs import fields
from edge.daemon.obeying import obey
from edge.daemon.observations import Observations
from edge.daemon.openers import Openers
from edge.daemon.periodic import Every
from edge.daemon.processors import Heard, Seen
from edge.daemon.requests import carry_out
from edge.daemon.switches import ControlRequest
from edge.daemon.systemd import Notifier
from edge.errors import EdgeError
from edge.publish.commands import Command, failed, ok
from edge.publish.stats import RunStats
from edge.supervision import explain
from edge.vocabulary import Mood

if TYPE_CHECKING:
    from edge.history.recent import Recent
    from edge.kiosk.hub import Hub

__all__ = ["Daemon", "Signal"]

_log = logging.getLogger(__name__)

Subject = TypeVar("Subject")

SETTLE: Final = 10.0
CLEAN_S: Final = 60.0
"""Seconds without a fault after which the last one counts as over."""
TICK: Final = 0.1


class Daemon:
    """Owns the main loop; `run` starts the components, loops, and stops them in the opposite order.

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
        openers: Openers | None = None,
    ) -> None:
        self._reload = reload
        self._notifier = notifier
        self._watchdog = Every(watchdog) if watchdog is not None else None
        self._clock = clock
        self._on_ready = on_ready
        self._events = EventQueue()
        self.stats = RunStats(started=clock())
        self._health_check = Every(1.0)
        self._status_line = Every(5.0)
        self._fault_at: float | None = None
        self._context = Context(
            env,
            clock,
            wall,
            post=self.post,
            on_command=self._events.command,
            stats=self.stats,
            openers=openers or Openers(),
        )
        self._components = Components(loaded.config, self._context, view=_view)
        self._observations = Observations(self._components, stats=self.stats, clock=clock, on_mood=on_mood)
        for note in loaded.notes:
            _log.warning("%s", note)

    def post(self, event: Event) -> None:
        """Hand something to the main loop."""
        self._events.post(event)

    def run(self, duration: float | None = None) -> Signal:
        """Run until asked to stop or restart, or until `duration` seconds after READY."""
        ending = Signal.STOP
        try:
            self._start()
            ending = self._loop(None if duration is None else self._clock() + duration)
        finally:
            # After STOPPING systemd would end what comes next; a reload ends with the READY of the next life.
            if ending is Signal.RESTART:
                self._notifier.reloading()
            else:
                self._notifier.stopping()
            self._components.stop()
            _log.info("stopped")
        return ending

    def _start(self) -> None:
        self._components.start()
        if not self._components.senses.settled(SETTLE):
            _log.warning("the models are still loading; carrying on meanwhile")
        self.stats.started = self._clock()
        self._components.introduce()
        self._components.check_health(self._clock())
        summary = self._components.describe()
        self._notifier.ready(summary)
        self._on_ready()
        _log.info("ready", extra=fields(device=self._components.config.device.id, summary=summary))

    def _loop(self, until: float | None) -> Signal:
        while until is None or self._clock() < until:
            with suppress(queue.Empty):
                event = self._events.get(TICK)
                if isinstance(event, Signal) and event is not Signal.RELOAD:
                    return event
                self._guarded(self._handle, event)
            self._guarded(self._periodic, self._clock())
        return Signal.STOP

    def _guarded(self, step: Callable[[Subject], None], subject: Subject) -> None:
        """One step; a fault in it is logged and shown in health, and the loop goes on."""
        try:
            step(subject)
        except Exception as error:
            _log.exception("a step of the main loop failed")
            self._fault_at = self._clock()
            self._components.health.report("daemon", explain(error), "error")

    def _forget_fault(self, now: float) -> None:
        if self._fault_at is not None and now - self._fault_at >= CLEAN_S:
            self._fault_at = None
            self._components.health.clear("daemon")

    def _handle(self, event: Event) -> None:
        if isinstance(event, Seen):
            self._observations.see(event)
        elif isinstance(event, Heard):
            self._observations.hear(event)
        elif isinstance(event, Command):
            self._command(event)
        elif isinstance(event, ControlRequest):
            carry_out(self._components, event)
        else:
            self._reload_config()

    def _periodic(self, now: float) -> None:
        components, wall = self._components, self._context.local_time()
        components.apply_switches()  # first, so that no fault below keeps a device open
        self._observations.tick(now)
        components.outlets.tick(now, wall)
        self._forget_fault(now)
        if self._health_check.due(now):
            components.check_health(now)
            components.remember(now)
            components.look_out(now)
            for room in components.rooms.values():
                components.outlets.publish_scores(room, now)
                components.outlets.acting.follow(room, now, wall)
        if self._status_line.due(now):
            self._notifier.status(self._components.describe())
        if self._watchdog is not None and self._watchdog.due(now) and not self._components.stuck(now):
            self._notifier.watchdog()

    def _command(self, command: Command) -> None:
        if command.name == "reload" and command.kind == "request":
            problem = self._reload_config()
            command.respond(failed(problem) if problem else ok())
        elif command.name == "restart" and command.kind == "request":
            command.respond(ok())
            self.post(Signal.RESTART)
        else:
            obey(self._components, command, self._clock())

    def _reload_config(self) -> str | None:
        """Take over a valid configuration; keep the old one otherwise and say why."""
        self._notifier.reloading()
        try:
            self._components.replace(self._reload().config)
        except EdgeError as error:
            _log.error("configuration not reloaded, the old one stays in force: %s", error)
            self._components.health.report("configuration", "not reloaded: " + str(error).splitlines()[0])
            return str(error)
        else:
            self._components.health.clear("configuration")
            _log.info("configuration reloaded")
            return None
        finally:
            self._notifier.ready(self._components.describe())


def _view(components: Components, recent: Recent) -> Hub:
    from edge.daemon.hub import DaemonHub  # with the page's models, which most daemons need not load

    return DaemonHub(components, recent=recent)
