"""The indicator: a light or a topic that is on exactly while a device is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from edge.actions.plan import CommandRequest
from edge.actions.transports import ActionError, CommandTransport, Publish
from edge.config.models import PrivacyConfig

_log = logging.getLogger(__name__)


class _NoBrokerError(ActionError):
    """There is nobody to tell, for now."""


class Indicator:
    """Thread `indicator`, only if one is configured; shows the newest state, and again what failed.

    The command is run with `on` or `off` as its last argument. The topic gets `ON` or `OFF`, and the same
    again every `repeat` seconds, so that a lamp that was restarted follows. That there is no broker is a
    problem only after `grace` seconds: at the start there is none for a moment.
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
        self._thread: threading.Thread | None = None
        self.problem: str | None = None

    def start(self) -> None:
        """Begin by showing that nothing is open."""
        if self._topic is None and self._command is None:
            return
        self._thread = threading.Thread(target=self._loop, name="indicator", daemon=True)
        self._thread.start()

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
        if self._thread is not None:
            self._thread.join(timeout)
            self._runner.stop()
        self._thread = None

    def _loop(self) -> None:
        while True:
            with self._changed:
                wanted, stopping, self._fresh = self._wanted, self._stopping, False
            shown = self._show(wanted)
            if stopping:
                return
            with self._changed:
                self._changed.wait_for(self._news, self._repeat if shown else self._retry)

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
        self.problem = self._alone_since = None
        return True

    def _failed(self, error: ActionError) -> None:
        if self.problem is None:
            _log.warning("indicator: %s", error)
        self.problem = str(error)

    def _run(self, on: bool) -> None:
        if self._command is not None and on is not self._lit:
            self._runner.send(CommandRequest((*self._command, "on" if on else "off"), timeout=5.0))
            self._lit = on

    def _tell(self, on: bool) -> None:
        if self._topic is not None and not self._publish(self._topic, b"ON" if on else b"OFF", qos=1):
            raise _NoBrokerError("no connection to the broker")
