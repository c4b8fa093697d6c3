"""Threads that come back: faults are injected into their work, and into the start of threads."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from edge.supervision import GuardedThread, explain, is_shortage


def until(condition: Callable[[], object], timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)


def forbid(patch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise error

    patch.setattr(threading.Thread, "start", refuse)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("can't start new thread"), ("no further thread", "TasksMax=")),
        (MemoryError(), ("out of memory", "MemoryMax=")),
        (OSError(errno.EMFILE, "Too many open files"), ("Too many open files", "LimitNOFILE=")),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ("Cannot allocate", "MemoryMax=")),
    ],
)
def test_what_the_system_ran_out_of_is_told_with_the_remedy(error: Exception, words: tuple[str, ...]) -> None:
    assert is_shortage(error)
    assert all(word in explain(error) for word in words)


def test_other_faults_are_named_as_they_are() -> None:
    assert explain(ZeroDivisionError("division by zero")) == "ZeroDivisionError: division by zero"
    assert explain(KeyError()) == "KeyError"
    assert not is_shortage(RuntimeError("dictionary changed size during iteration"))
    assert not is_shortage(FileNotFoundError(errno.ENOENT, "No such file"))


def test_a_fault_is_a_problem_until_the_work_has_gone_on_for_a_while() -> None:
    now, failures, leave = [100.0], [ValueError("odd")], threading.Event()

    def work() -> None:
        if failures:
            raise failures.pop()
        leave.wait()

    one = GuardedThread("eyes", work, pauses=(0.01,), clock=lambda: now[0])
    one.start()
    until(lambda: one.problem == "ValueError: odd (thread eyes)")

    def begun_again() -> bool:
        now[0] += 0.02
        return one._began is not None

    until(begun_again)
    assert one.problem is not None, "it may fail again at once"
    now[0] += 10.0
    until(lambda: one.problem is None)
    leave.set()
    assert one.stop(10.0)


def test_pauses_grow_with_the_failures_and_the_heart_beats_meanwhile() -> None:
    begun: list[float] = []
    beats: list[float] = []

    def work() -> None:
        begun.append(time.monotonic())
        raise ValueError("odd")

    one = GuardedThread("eyes", work, pauses=(0.0, 0.02, 0.7, 600.0), beat=lambda: beats.append(0.0))
    one.start()
    until(lambda: len(begun) == 4)
    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert pauses[1] >= 0.02
    assert pauses[2] >= 0.7
    assert beats
    assert one.stop(10.0), "the longest pause does not hold up a stop"


def test_work_that_returns_has_ended_and_is_not_begun_again() -> None:
    begun: list[int] = []
    one = GuardedThread("eyes", lambda: begun.append(1))
    one.start()
    until(lambda: begun == [1] and not one.alive)
    one.revive()
    assert begun == [1]
    assert one.problem is None
    one.start()
    until(lambda: len(begun) == 2)
    assert one.stop(10.0)


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_a_thread_that_could_not_be_started_is_started_later(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, leave = [100.0], threading.Event()
    one = GuardedThread("eyes", leave.wait, clock=lambda: now[0])  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        forbid(patch, error)
        one.start()
        assert explain(error) in str(one.problem)
        one.revive()
        assert not one.alive
    one.revive()
    assert not one.alive, "a pause comes first"
    now[0] += 1.0
    one.revive()
    until(lambda: one._began is not None)
    now[0] += 10.0
    assert one.problem is None
    leave.set()
    assert one.stop(10.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_has_died_without_a_word_is_started_again() -> None:
    deaths, leave = [SystemExit()], threading.Event()

    def work() -> None:
        if deaths:
            raise deaths.pop()
        leave.wait()

    one = GuardedThread("eyes", work, pauses=(0.0,))
    one.start()
    until(lambda: not one.alive)
    one.revive()
    assert "ended without a word" in str(one.problem)
    one.revive()
    assert one.alive
    leave.set()
    assert one.stop(10.0)


def test_what_was_stopped_is_not_revived() -> None:
    leave = threading.Event()
    one = GuardedThread("eyes", leave.wait)  # type: ignore[arg-type]
    one.start()
    leave.set()
    assert one.stop(10.0)
    one.revive()
    assert not one.alive


def test_a_hung_thread_does_not_hold_up_a_stop_for_ever() -> None:
    leave = threading.Event()
    one = GuardedThread("eyes", leave.wait)  # type: ignore[arg-type]
    one.start()
    assert not one.stop(0.01)
    leave.set()
