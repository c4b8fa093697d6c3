"""The indicator: a light or a topic that is on exactly while a device is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from edge.actions.plan import CommandRequest
from edge.actions.transports import ActionError, CommandTransport, Publish
from edge.config.models import PrivacyConfig
from edge.supervision import GuardedThread, no_beat

_log = logging.getLogger(__name__)
_BEAT_EVERY: Final = 5.0


class _NoBrokerError(ActionError):
    """There is nobody to tell, for now."""


class Indicator:
    """Thread `indicator`, only if one is configured; shows the newest state, and again what failed.

    The command is run with `on` or `off` as its last argument. The topic gets `ON` or `OFF`, and the same
    again every `repeat` seconds, so that a lamp that was restarted follows. That there is no broker is a
    problem only after `grace` seconds: at the start there is none for a moment. `beat` is called every few
    seconds while the thread lives.
    """

    def __init__(
        self,
        config: PrivacyConfig,
        *,
        publish: Publish,
        retry: float = 2.0,
        repeat: float = 30.0,
        grace: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        beat: Callable[[], None] = no_beat,
    ) -> None:
        self._topic = config.indicator_topic
        self._command: Sequence[str] | None = config.indicator_command
        self._publish = publish
        self._retry = retry
        self._repeat = repeat
        self._grace, self._clock = grace, clock
        self._alone_since: float | None = None
        self._runner = CommandTransport(allowed=True)
        self._changed = threading.Condition()
        self._wanted = False
        self._fresh = False
        self._lit: bool | None = None
        self._stopping = False
        self._shown: bool | None = None
        self._beat = beat
        self._thread = GuardedThread("indicator", self._loop, beat=beat)
        self._failure: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the newest state may not be seen."""
        return self._failure or self._thread.problem

    def start(self) -> None:
        """Begin by showing that nothing is open."""
        if self._topic is not None or self._command is not None:
            self._thread.start()

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def show(self, is_open: bool) -> None:
        """Any device is open, or none; returns at once."""
        with self._changed:
            if is_open != self._wanted:
                self._wanted, self._fresh = is_open, True
                self._changed.notify_all()

    def stop(self, timeout: float = 3.0) -> None:
        """Show that nothing is open, and end. Call it when the devices are closed."""
        with self._changed:
            self._wanted, self._stopping = False, True
            self._changed.notify_all()
        if self._thread.stop(timeout) and self._shown:
            self._show(False)  # a fault has ended the thread before it could
        self._runner.stop()

    def _loop(self) -> None:
        while True:
            with self._changed:
                wanted, stopping, self._fresh = self._wanted, self._stopping, False
            shown = self._show(wanted)
            if stopping:
                return
            self._rest(self._repeat if shown else self._retry)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                self._beat()
                if self._changed.wait_for(self._news, min(left, _BEAT_EVERY)):
                    return

    def _news(self) -> bool:
        return self._fresh or self._stopping

    def _show(self, on: bool) -> bool:
        try:
            self._run(on)
            self._tell(on)
        except _NoBrokerError as error:
            now = self._clock()
            self._alone_since = now if self._alone_since is None else self._alone_since
            if now - self._alone_since >= self._grace:
                self._failed(error)
            return False
        except ActionError as error:
            self._failed(error)
            return False
        self._failure = self._alone_since = None
        self._shown = on
        return True

    def _failed(self, error: ActionError) -> None:
        if self._failure is None:
            _log.warning("indicator: %s", error)
        self._failure = str(error)

    def _run(self, on: bool) -> None:
        if self._command is not None and on is not self._lit:
            self._runner.send(CommandRequest((*self._command, "on" if on else "off"), timeout=5.0))
            self._lit = on

    def _tell(self, on: bool) -> None:
        if self._topic is not None and not self._publish(self._topic, b"ON" if on else b"OFF", qos=1):
            raise _NoBrokerError("no connection to the broker")
