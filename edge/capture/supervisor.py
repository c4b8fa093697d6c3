"""Keeps one source delivering: watches the age of what it gave last and reopens it for ever.

The blocking calls of drivers and networks happen in a reader thread; the supervising thread never blocks, so
that a driver that hangs costs neither the heartbeat nor a clean stop.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from edge.capture.backoff import Backoff
from edge.capture.opening import Opening, Patience
from edge.capture.status import CaptureStatus, State
from edge.errors import CaptureError
from edge.supervision import GuardedThread, explain, is_shortage, no_beat

__all__ = ["Read", "Supervisor"]

_log = logging.getLogger(__name__)

Read = Callable[[Opening], None]
"""Opens the source, delivers until cancelled, closes it; returning uncancelled means the end.

Raises CaptureError."""


class Supervisor:
    """Runs `read` in a thread of its own, again and again, until stopped."""

    def __init__(
        self,
        *,
        name: str,
        source: str,
        read: Read,
        patience: Patience | None = None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
        heartbeat: Callable[[], None] = no_beat,
        tick: float = 0.25,
    ) -> None:
        self._name = name
        self._source = source
        self._read = read
        self._patience = patience or Patience()
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._heartbeat = heartbeat
        self._tick = tick
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: GuardedThread | None = None
        self._readers: list[threading.Thread] = []
        self._opening: Opening | None = None
        self._state: State = "closed"
        self._detail = ""
        self._reopened = 0

    def start(self) -> None:
        """Open the source from a new thread; does nothing when running."""
        with self._lock:
            if self._thread is not None:
                return
            stop = self._stop = threading.Event()
            self._backoff.reset()
            self._state, self._detail = "opening", ""
            self._thread = GuardedThread(self._name, lambda: self._run(stop), beat=self._heartbeat)
            self._thread.start()

    def revive(self) -> None:
        """Start the thread again if there should be one and is none; to be called every second or so."""
        with self._lock:
            if self._thread is not None:
                self._thread.revive()

    def stop(self, timeout: float = 1.0) -> None:
        """Close the source and join; a reader that hangs in its driver is left to end by itself."""
        with self._lock:
            self._stop.set()
            if self._opening is not None:
                self._opening.cancel()
            self._join(timeout)
            self._state, self._detail = "closed", ""

    def status(self, dropped: int = 0) -> CaptureStatus:
        """How the source is doing."""
        opening, thread = self._opening, self._thread
        problem = thread.problem if thread is not None else None
        return CaptureStatus(
            state=self._state if problem is None else "retrying",
            source=self._source,
            detail=self._detail if problem is None else problem,
            last_at=opening.last_at if opening else None,
            delivered=opening.delivered if opening else 0,
            dropped=dropped,
            reopened=self._reopened,
        )

    def _join(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        if self._thread is not None:
            self._thread.stop(timeout)
            self._thread = None
        for reader in self._readers:
            reader.join(max(0.0, deadline - time.monotonic()))
        self._forget_ended_readers()
        if self._readers:
            _log.warning(
                "%s %s: still waits for its driver or network; left behind", self._name, self._source
            )

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if self._wait_for_hung_readers(stop):
                return
            failure = self._attempt(stop)
            if failure is None:
                break
            self._report(failure)
            if self._pause(self._backoff.next(), stop):
                return
            self._reopened += 1
        while not stop.wait(self._tick):
            self._heartbeat()

    def _wait_for_hung_readers(self, stop: threading.Event) -> bool:
        """Wait, with a beating heart, while more readers hang than may be left behind; True when stopped.

        This is not part of the delays between attempts: once the driver answers again, it is tried at once.
        """
        while not stop.is_set():
            self._forget_ended_readers()
            if len(self._readers) <= self._patience.abandoned:
                return False
            self._heartbeat()
            stop.wait(self._tick)
        return True

    def _attempt(self, stop: threading.Event) -> str | None:
        """One opening from opening to failure; None when it was stopped or came to its end."""
        opening = self._opening = Opening(self._clock, self._opening)
        reader = threading.Thread(
            target=self._guarded, args=(opening,), name=f"{self._name}-reader", daemon=True
        )
        try:
            reader.start()
        except (RuntimeError, MemoryError) as error:
            return explain(error)
        self._readers.append(reader)
        failure = self._watch(opening, stop)
        opening.cancel()
        if opening.steady():
            self._backoff.reset()
        if failure is None and not stop.is_set():
            self._state, self._detail = "ended", ""
        return failure

    def _watch(self, opening: Opening, stop: threading.Event) -> str | None:
        while not stop.is_set():
            self._heartbeat()
            if opening.finished.wait(self._tick):
                return opening.failure
            failure = opening.overdue(self._patience)
            if failure is not None:
                return failure
            if self._state != "open" and opening.works(after_failure=self._state == "retrying"):
                self._state, self._detail = "open", opening.detail
                _log.info("%s %s: open, %s", self._name, self._source, opening.detail)
        return None

    def _guarded(self, opening: Opening) -> None:
        try:
            self._read(opening)
        except CaptureError as error:
            opening.failure = str(error)
        except Exception as error:
            opening.failure = explain(error)
            if not is_shortage(error):
                _log.exception("%s %s: unexpected error", self._name, self._source)
        finally:
            opening.finished.set()

    def _report(self, failure: str) -> None:
        failure = failure.removeprefix(f"{self._source}: ")
        again = (self._state, self._detail) == ("retrying", failure)
        _log.log(
            logging.DEBUG if again else logging.WARNING,
            "%s %s: %s; trying again",
            self._name,
            self._source,
            failure,
        )
        self._state, self._detail = "retrying", failure

    def _pause(self, seconds: float, stop: threading.Event) -> bool:
        """Wait with a beating heart; True when stopped meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._heartbeat()
            if stop.wait(min(left, self._tick)):
                return True
        return stop.is_set()

    def _forget_ended_readers(self) -> None:
        self._readers = [reader for reader in self._readers if reader.is_alive()]
