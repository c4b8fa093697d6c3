"""Carries out planned actions beside the main loop: a bounded queue, retries, visible failures."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from edge.actions.action_queue import ActionQueue, QueuedAction
from edge.actions.delivery import Delivery
from edge.actions.plan import PlannedAction
from edge.actions.states import States
from edge.actions.status import ActionStatus
from edge.actions.transports import ActionError, Publish
from edge.config.models import ActionsConfig
from edge.supervision import GuardedThread, explain, is_shortage, no_beat

__all__ = ["ActionExecutor", "retry_pause"]

_log = logging.getLogger(__name__)
_JOIN_WITHIN: Final = 3.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_REMEMBER: Final = 600.0
_BEAT_EVERY: Final = 5.0


def retry_pause(attempt: int, jitter: Callable[[], float]) -> float:
    """Seconds before the attempt after the `attempt`-th (0 first): doubling, bounded, 50..100 % of it."""
    full = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**attempt)
    return full * (0.5 + 0.5 * jitter())


class ActionExecutor:
    """Thread `actions` hands out what is due and waits for nothing itself.

    Messages it passes on, calls go to the event loop of `actions-http`, and each program runs in a thread
    of its own, so that a target that hangs holds up itself alone.
    `publish` hands a message to the MQTT client without blocking; it may raise or return False.
    """

    def __init__(
        self,
        config: ActionsConfig,
        *,
        publish: Publish,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        states: States | None = None,
        settle: float = 2.0,
        beat: Callable[[], None] = no_beat,
    ) -> None:
        self._beat = beat
        self._config = config
        self._clock = clock
        self._jitter = jitter
        self._delivery = Delivery(
            publish=publish, allow_commands=config.allow_commands, states=states, settle=settle
        )
        self._queue = ActionQueue(rate=config.rate, limit=config.queue)
        self._changed = threading.Condition()
        self._enabled = config.enabled
        self._stopping = False
        self._thread = GuardedThread("actions", self._hand_out, beat=beat)
        self._done = self._failed = self._retried = 0
        self._problems: dict[str, tuple[float, str]] = {}

    def start(self) -> None:
        """Begin to carry out what is submitted."""
        self._stopping = False
        self._thread.start()

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def stop(self) -> None:
        """Forget what waits, end running programs, give up calls, join the threads."""
        with self._changed:
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
        deadline = time.monotonic() + _JOIN_WITHIN
        self._thread.stop(_JOIN_WITHIN)
        self._delivery.stop(deadline)

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
            own = self._thread.problem
            recent = (text for since, text in self._problems.values() if since > horizon)
            problems = (*([own] if own else ()), *recent)
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

    def _hand_out(self) -> None:
        while (item := self._next()) is not None:
            self._try(item, self._remember if item.action.thing is not None else self._begin)

    def _try(self, item: QueuedAction, step: Callable[[QueuedAction], None]) -> None:
        try:
            step(item)
        except Exception as error:
            self._finished(item, error)

    def _remember(self, item: QueuedAction) -> None:
        self._delivery.remember(item.action, lambda: self._try(item, self._begin))

    def _begin(self, item: QueuedAction) -> None:
        self._delivery.begin(item.action, lambda error: self._finished(item, error))

    def _next(self) -> QueuedAction | None:
        with self._changed:
            while not self._stopping:
                self._beat()
                expired = self._queue.expired
                item = self._queue.take(self._clock(), self._delivery.has_room)
                if item is not None:
                    return item
                if self._queue.expired != expired:
                    self._changed.notify_all()
                at = self._queue.next_at(self._delivery.has_room)
                pause = _BEAT_EVERY if at is None else min(_BEAT_EVERY, max(0.0, at - self._clock()))
                self._changed.wait(pause)
        return None

    def _finished(self, item: QueuedAction, error: Exception | None) -> None:
        self._on_success(item) if error is None else self._on_failure(item, _failure(item, error))

    def _on_success(self, item: QueuedAction) -> None:
        _log.info("rule %s: %s", item.action.rule, item.action.request)
        with self._changed:
            self._done += 1
            self._problems.pop(item.action.target, None)
            self._queue.finish(item, self._clock(), done=True)
            self._changed.notify_all()

    def _on_failure(self, item: QueuedAction, error: ActionError) -> None:
        action, now = item.action, self._clock()
        text = f"actions: {action.request}: {error} (rule {action.rule})"
        with self._changed:
            self._problems = {
                target: problem for target, problem in self._problems.items() if now - problem[0] < _REMEMBER
            }
            self._problems[action.target] = (now, text)
            again = not (error.permanent or self._stopping) and item.attempts < self._config.retries
            if again:
                again = self._queue.retry(item, now, retry_pause(item.attempts, self._jitter))
                self._retried += again
            else:
                self._failed += 1
                self._queue.finish(item, now)
                self._queue.abandon(item)
            self._changed.notify_all()
        _log.warning("%s%s", text, "; trying again" if again else "")


def _failure(item: QueuedAction, error: Exception) -> ActionError:
    if isinstance(error, ActionError):
        return error
    if is_shortage(error):
        return ActionError(explain(error))
    _log.error("rule %s: %s", item.action.rule, item.action.request, exc_info=error)
    return ActionError("internal error, see the log", permanent=True)
