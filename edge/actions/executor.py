"""Carries out planned actions beside the main loop: a bounded queue, retries, visible failures."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from edge.actions.action_queue import ActionQueue, QueuedAction, Wanted
from edge.actions.plan import HttpRequest, MqttRequest, PlannedAction, Request
from edge.actions.transports import ActionError, CommandTransport, HttpTransport, MqttTransport, Publish
from edge.config.models import ActionsConfig

__all__ = ["ActionExecutor", "ActionStatus", "retry_pause"]


_log = logging.getLogger(__name__)
_BLOCKING_WORKERS: Final = 3
_JOIN_WITHIN: Final = 3.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_REMEMBER: Final = 600.0


@dataclass(frozen=True, slots=True)
class ActionStatus:
    """Counts since the start, and what is wrong now."""

    enabled: bool
    waiting: int
    done: int
    failed: int
    retried: int
    superseded: int
    dropped: int
    expired: int
    problems: tuple[str, ...]


def retry_pause(attempt: int, jitter: Callable[[], float]) -> float:
    """Seconds before the attempt after the `attempt`-th (0 first): doubling, bounded, 50..100 % of it."""
    full = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**attempt)
    return full * (0.5 + 0.5 * jitter())


class ActionExecutor:
    """Thread `actions` for messages, and `actions-1` and on for calls and programs, which may block.

    `publish(topic, payload, qos=…)` hands a message to the MQTT client without blocking; it may raise or
    return False while there is no connection.
    """

    def __init__(
        self,
        config: ActionsConfig,
        *,
        publish: Publish,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        http: HttpTransport | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._jitter = jitter
        self._mqtt = MqttTransport(publish)
        self._http = http or HttpTransport()
        self._command = CommandTransport(allowed=config.allow_commands)
        self._queue = ActionQueue(rate=config.rate, limit=config.queue)
        self._changed = threading.Condition()
        self._enabled = config.enabled
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._done = self._failed = self._retried = 0
        self._problems: dict[str, tuple[float, str]] = {}

    def start(self) -> None:
        """Begin to carry out what is submitted."""
        self._stopping = False
        wanted: list[tuple[str, Wanted]] = [("actions", _is_message)]
        wanted += [(f"actions-{number}", _may_block) for number in range(1, _BLOCKING_WORKERS + 1)]
        for name, kind in wanted:
            thread = threading.Thread(target=self._loop, args=(kind,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Forget what waits, end running commands, join the threads; a hanging call is left to the exit."""
        with self._changed:
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
        self._command.stop()
        deadline = time.monotonic() + _JOIN_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._threads.clear()

    def submit(self, actions: Iterable[PlannedAction]) -> None:
        """Queue actions; returns at once. While switched off they are forgotten."""
        with self._changed:
            if self._enabled and not self._stopping:
                self._queue.add(actions)
                self._changed.notify_all()

    def set_enabled(self, enabled: bool) -> None:
        """Switch actions on or off; off forgets what waits."""
        with self._changed:
            self._enabled = enabled
            if not enabled:
                self._queue.clear()

    def status(self) -> ActionStatus:
        """Counts and problems, for health."""
        with self._changed:
            horizon = self._clock() - _REMEMBER
            problems = tuple(text for since, text in self._problems.values() if since > horizon)
            queue = self._queue
            return ActionStatus(
                self._enabled,
                len(queue),
                self._done,
                self._failed,
                self._retried,
                queue.superseded,
                queue.dropped,
                queue.expired,
                problems,
            )

    def drain(self, timeout: float) -> bool:
        """Wait until nothing waits or runs; false if that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not len(self._queue) and not self._queue.busy, timeout)

    def _loop(self, wanted: Wanted) -> None:
        while (waiting := self._next(wanted)) is not None:
            self._carry_out(waiting)

    def _next(self, wanted: Wanted) -> QueuedAction | None:
        with self._changed:
            while not self._stopping:
                expired = self._queue.expired
                waiting = self._queue.take(self._clock(), wanted)
                if waiting is not None:
                    return waiting
                if self._queue.expired != expired:
                    self._changed.notify_all()
                at = self._queue.next_at(wanted)
                self._changed.wait(None if at is None else max(0.0, at - self._clock()))
        return None

    def _carry_out(self, waiting: QueuedAction) -> None:
        try:
            self._send(waiting.action.request)
        except ActionError as error:
            self._on_failure(waiting, error)
        except Exception:
            _log.exception("rule %s: %s", waiting.action.rule, waiting.action.request)
            self._on_failure(waiting, ActionError("internal error, see the log", permanent=True))
        else:
            self._on_success(waiting)

    def _send(self, request: Request) -> None:
        if isinstance(request, MqttRequest):
            self._mqtt.send(request)
        elif isinstance(request, HttpRequest):
            self._http.send(request)
        else:
            self._command.send(request)

    def _on_success(self, waiting: QueuedAction) -> None:
        _log.info("rule %s: %s", waiting.action.rule, waiting.action.request)
        with self._changed:
            self._done += 1
            self._problems.pop(waiting.action.target, None)
            self._queue.finish(waiting, self._clock())
            self._changed.notify_all()

    def _on_failure(self, waiting: QueuedAction, error: ActionError) -> None:
        action, now = waiting.action, self._clock()
        text = f"actions: {action.request}: {error} (rule {action.rule})"
        with self._changed:
            self._problems[action.target] = (now, text)
            again = not (error.permanent or self._stopping) and waiting.attempts < self._config.retries
            if again:
                again = self._queue.retry(waiting, now, retry_pause(waiting.attempts, self._jitter))
                self._retried += again
            else:
                self._failed += 1
                self._queue.finish(waiting, now)
                self._queue.abandon(waiting)
            self._changed.notify_all()
        _log.warning("%s%s", text, "; trying again" if again else "")


def _is_message(action: PlannedAction) -> bool:
    return isinstance(action.request, MqttRequest)


def _may_block(action: PlannedAction) -> bool:
    return not _is_message(action)
