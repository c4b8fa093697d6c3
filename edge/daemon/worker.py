"""A thread that owns one processor: opens it, feeds it the newest item, passes on what it finds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from typing_extensions import Self

from edge.daemon.steady import Steady
from edge.errors import EdgeError
from edge.supervision import GuardedThread, explain, is_shortage

__all__ = ["Inlet", "Processor", "Worker"]

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
Item_contra = TypeVar("Item_contra", contravariant=True)

_log = logging.getLogger(__name__)
_POLL = 0.5
_BACK_OFF = (1.0, 2.0, 5.0, 10.0, 30.0)


class Inlet(Protocol[Item_co]):
    """Where items come from."""

    def get(self, timeout: float | None) -> Item_co | None:
        """The next item; None when `timeout` seconds pass without one."""
        ...


class Processor(Protocol[Item_contra]):
    """Models and state of one sense. Opened, used and closed by one thread."""

    @property
    def problem(self) -> str | None:
        """What went wrong with the newest item, None when all is well."""
        ...

    def process(self, item: Item_contra) -> None:
        """Take one item; hand what is found to whoever was passed in at construction."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Worker(Generic[Item]):
    """Runs a processor in a named thread until stopped; a failing one is reopened with a growing delay.

    `settled` is set once it has either opened or failed for the first time; `problem` holds the
    newest failure, or None while all is well. `taken` items were processed in `busy` seconds. `beat` is
    called at least twice a second while it lives.
    """

    def __init__(
        self,
        *,
        name: str,
        inlet: Inlet[Item],
        open_processor: Callable[[], Processor[Item]],
        beat: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.settled = threading.Event()
        self.taken, self.busy = 0, 0.0
        self._steady, self._clock = Steady(), clock
        self._inlet = inlet
        self._open_processor = open_processor
        self._beat = beat
        self._stopping = threading.Event()
        self._reopen = threading.Event()
        self._failures = 0
        self._thread = GuardedThread(name, self._run, beat=beat)

    @property
    def problem(self) -> str | None:
        """What is wrong with the processor, or with the thread."""
        return self._steady.problem or self._thread.problem

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()
        if not self._thread.alive:
            self.settled.set()

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def stop(self, timeout: float = 2.0) -> None:
        """Ask the thread to end and wait for it."""
        self._stopping.set()
        self._thread.stop(timeout)

    def reopen(self) -> None:
        """Close the processor and open it anew before the next item."""
        self._reopen.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._reopen.clear()
            self._process()

    def _process(self) -> None:
        try:
            with self._open_processor() as processor:
                self._feed(processor)
        except EdgeError as error:
            self._failed(str(error))
        except Exception as error:
            if not is_shortage(error):
                _log.exception("%s failed", self.name)
            self._failed(explain(error))

    def _feed(self, processor: Processor[Item]) -> None:
        self.settled.set()
        while not (self._stopping.is_set() or self._reopen.is_set()):
            self._beat()
            item = self._inlet.get(_POLL)
            if item is not None:
                began = time.monotonic()
                processor.process(item)
                self.busy += time.monotonic() - began
                self.taken += 1
                self._steady.see(processor.problem, self._clock())
                self._failures = 0

    def _failed(self, problem: str) -> None:
        delay = _BACK_OFF[min(self._failures, len(_BACK_OFF) - 1)]
        self._failures += 1
        self._steady.tell(problem)
        self.settled.set()
        _log.error("%s: %s; trying again in %.0f s", self.name, problem, delay)
        self._wait(delay)

    def _wait(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / _POLL))):
            self._beat()
            if self._reopen.is_set() or self._stopping.wait(_POLL):
                return
