from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from daemon.fakes import Clock
from integration.broker import eventually

from edge.capture.mailbox import BoundedQueue
from edge.daemon.worker import Worker
from edge.errors import EngineError

WAIT = 10.0


class Recorder:
    """A stage that remembers what it was given, and fails on 'bad'."""

    def __init__(self, seen: list[str], done: threading.Event) -> None:
        self.seen = seen
        self.done = done
        self.thread = threading.current_thread().name
        self.problem: str | None = None

    def process(self, item: str) -> None:
        if item == "bad":
            raise EngineError("the engine broke")
        self.seen.append(f"{self.thread}:{item}")
        self.done.set()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seen.append("closed")


def worker(
    inlet: BoundedQueue[str],
    open_processor: Callable[[], Recorder],
    beats: list[int],
    clock: Callable[[], float] = time.monotonic,
) -> Worker[str]:
    return Worker(
        name="face",
        inlet=inlet,
        open_processor=open_processor,
        beat=lambda: beats.append(1),
        clock=clock,
    )


def test_a_stage_is_opened_used_and_closed_in_the_workers_own_thread() -> None:
    seen: list[str] = []
    beats: list[int] = []
    done = threading.Event()
    inlet: BoundedQueue[str] = BoundedQueue(4)
    subject = worker(inlet, lambda: Recorder(seen, done), beats)
    subject.start()
    inlet.put("picture")
    assert done.wait(WAIT)
    subject.stop(WAIT)
    assert seen == ["face:picture", "closed"]
    assert subject.taken == 1
    assert subject.busy > 0.0
    assert beats


def test_a_stage_that_cannot_open_settles_with_its_problem_and_opens_when_asked_again() -> None:
    seen: list[str] = []
    done = threading.Event()
    inlet: BoundedQueue[str] = BoundedQueue(4)
    refusals, clock = [EngineError("no model here")], Clock()

    def open_processor() -> Recorder:
        if refusals:
            raise refusals.pop()
        return Recorder(seen, done)

    subject = worker(inlet, open_processor, [], clock)
    subject.start()
    assert subject.settled.wait(WAIT)
    assert subject.problem == "no model here"
    subject.reopen()
    inlet.put("picture")
    assert done.wait(WAIT)
    clock.now += 10.0
    inlet.put("another")
    eventually(lambda: subject.problem is None)
    subject.stop(WAIT)
    assert seen[0] == "face:picture"


def test_a_failing_item_closes_the_stage_and_names_the_problem() -> None:
    seen: list[str] = []
    inlet: BoundedQueue[str] = BoundedQueue(4)
    inlet.put("bad")
    opened = threading.Semaphore(0)

    def open_processor() -> Recorder:
        opened.release()
        return Recorder(seen, threading.Event())

    subject = worker(inlet, open_processor, [])
    subject.start()
    assert opened.acquire(timeout=WAIT)
    assert opened.acquire(timeout=WAIT), "the stage is opened again after its failure"
    assert subject.problem == "the engine broke"
    subject.stop(WAIT)
    assert seen[0] == "closed"
