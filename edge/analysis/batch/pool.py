"""Several processes on this machine; one that dies takes only its own recording with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from edge.analysis.batch.task import Outcome, Task

__all__ = ["Work", "on_processes"]

Work = Callable[[Task], Outcome]

_TRIES: Final = 2


def on_processes(tasks: Sequence[Task], work: Work, jobs: int) -> Iterator[Outcome]:
    """The outcomes as they come, from `jobs` processes with a recording each.

    A process that dies is replaced and its recording tried once more; then it counts as unreadable.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
    workers = [_Worker(waiting, done, work, number) for number in range(min(jobs, len(tasks)))]
    try:
        for _ in tasks:
            outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A thread with a process of its own, so that it is known which recording a dead process had."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Task],
        done: queue.SimpleQueue[Outcome | BaseException],
        work: Work,
        number: int,
    ) -> None:
        self._waiting = waiting
        self._done = done
        self._work = work
        self._stopping = False
        self._process = _new_process()
        self._thread = threading.Thread(target=self._run, name=f"analysis-{number}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        for process in list((self._process._processes or {}).values()):
            process.terminate()
        self._thread.join()
        self._process.shutdown(cancel_futures=True)

    def _run(self) -> None:
        with contextlib.suppress(queue.Empty):
            while not self._stopping:
                task = self._waiting.get_nowait()
                try:
                    outcome: Outcome | BaseException = self._tried(task)
                except Exception as error:
                    outcome = error
                self._done.put(outcome)

    def _tried(self, task: Task) -> Outcome:
        for _ in range(_TRIES):
            try:
                return self._process.submit(self._work, task).result()
            except BrokenProcessPool:
                if self._stopping:
                    break
                self._process = _new_process()
            except OSError as error:
                return Outcome(task.place, task.name, error=f"{task.place}: {error.strerror or error}")
            except Exception as error:
                return Outcome(task.place, task.name, error=f"{task.place}: {error}")
        return Outcome(task.place, task.name, error=f"{task.place}: the process that read it died")


def _new_process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
