"""Threads that live as long as the daemon: what ends one is a problem with a reason, and it comes back."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["GuardedThread", "explain", "is_shortage", "no_beat"]

_log = logging.getLogger(__name__)
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_BEAT_EVERY: Final = 0.5
_REMEDIES: Final = {
    errno.EMFILE: "raise LimitNOFILE= of the unit, or `ulimit -n`",
    errno.ENFILE: "end other programs, or raise fs.file-max",
    errno.ENOMEM: "free memory, or raise MemoryMax= of the unit, or `ulimit -v`",
    errno.EAGAIN: "end other programs, or raise TasksMax= of the unit, or `ulimit -u`",
}


def no_beat() -> None:
    """For threads that no watchdog looks after."""


def explain(error: BaseException) -> str:
    """What ended something, in words; for what the system ran out of, with the remedy."""
    code = _shortage(error)
    if code == errno.EAGAIN:
        return f"the system lets no further thread start: {_REMEDIES[code]}"
    if code is not None:
        reason = getattr(error, "strerror", None) or str(error) or "out of memory"
        return f"{reason}: {_REMEDIES[code]}"
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def is_shortage(error: BaseException) -> bool:
    """Whether the system ran out of threads, descriptors or memory: nobody's fault, and it may pass."""
    return _shortage(error) is not None


def _shortage(error: BaseException) -> int | None:
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return errno.EAGAIN
    code = error.errno if isinstance(error, OSError) else None
    return code if code in (errno.EMFILE, errno.ENFILE, errno.ENOMEM) else None


class GuardedThread:
    """Runs `work` in a thread; begins it again, after growing pauses, when a fault ends it.

    Returning is the regular end. `work` must be fit to be begun anew, and learns from its owner when to
    return. `beat` is called while it pauses. A fault counts as over when work has gone on for `steady`
    seconds since. `revive` is to be called every second or so, for a thread that could not be started or
    is gone altogether.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        *,
        beat: Callable[[], None] = no_beat,
        pauses: Sequence[float] = _PAUSES,
        steady: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._work, self._beat = name, work, beat
        self._pauses, self._steady, self._clock = pauses, steady, clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._failures = 0
        self._failure: str | None = None
        self._began: float | None = None
        self._again_at = 0.0

    @property
    def alive(self) -> bool:
        """Whether there is a thread now."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def problem(self) -> str | None:
        """What ended it, until it has worked for a while again."""
        failure = self._failure
        return None if failure is None or self._works() else f"{failure} (thread {self._name})"

    def start(self) -> None:
        """Begin; never raises. Does nothing while it runs."""
        if self._wanted and self.alive:
            return
        self._wanted, self._stopping, self._failures = True, threading.Event(), 0
        self._launch()

    def revive(self) -> None:
        """Start the thread if there should be one and is none."""
        if not self._wanted or self.alive:
            return
        self._beat()
        if self._thread is not None:
            self._thread = None
            self._again_at = self._clock() + self._failed("it has ended without a word")
        elif self._clock() >= self._again_at:
            self._launch()

    def stop(self, timeout: float) -> bool:
        """Begin no more and wait for the end of what runs; False if that takes longer."""
        self._wanted, self._failure = False, None
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is None or not thread.is_alive():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def _launch(self) -> None:
        thread = threading.Thread(target=self._run, args=(self._stopping,), name=self._name, daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            self._again_at = self._clock() + self._failed(explain(error))
        else:
            self._thread = thread

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._began = self._clock()
            try:
                self._work()
            except Exception as error:
                if not is_shortage(error):
                    _log.exception("%s: a fault ended the thread", self._name)
                self._pause(self._failed(explain(error)), stopping)
            else:
                if not stopping.is_set():
                    self._wanted = False
                return

    def _failed(self, failure: str) -> float:
        """Take down a failure; the seconds to wait before the next attempt."""
        if self._works():
            self._failures = 0
        self._began, self._failure = None, failure
        pause = self._pauses[min(self._failures, len(self._pauses) - 1)]
        self._failures += 1
        _log.warning("%s: %s; trying again in %g s", self._name, failure, pause)
        return pause

    def _pause(self, seconds: float, stopping: threading.Event) -> None:
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0 and not stopping.wait(min(left, _BEAT_EVERY)):
            self._beat()

    def _works(self) -> bool:
        began = self._began
        return began is not None and self._clock() - began >= self._steady
