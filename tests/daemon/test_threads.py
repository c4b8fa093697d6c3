"""Faults injected into the bodies of the daemon's threads: each is told, and the thread works again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from integration.broker import eventually, free_port

from edge.actions.executor import ActionExecutor
from edge.capture.supervisor import Supervisor
from edge.config.models import ActionsConfig, PrivacyConfig
from edge.daemon.control import ControlServer
from edge.daemon.control_client import ask
from edge.daemon.worker import Worker
from edge.history.recent import Recent
from edge.history.recorder import Recorder
from edge.history.store import HistoryStore
from edge.kiosk.server import HttpServer, Listening
from edge.privacy.indicator import Indicator

Problem = Callable[[], str]


class Thread:
    """A component with a thread, the method of it that is to fail, and how to ask what is wrong."""

    def __init__(self, owner: Any, method: str, problem: Problem) -> None:
        self.owner, self.method, self.problem = owner, method, problem


def camera(_folder: Path) -> Thread:
    one = Supervisor(name="camera", source="x", read=lambda opening: None)
    return Thread(one, "_attempt", lambda: one.status().detail)


def worker(_folder: Path) -> Thread:
    one: Worker[str] = Worker(name="face", inlet=None, open_processor=None, beat=lambda: None)  # type: ignore[arg-type]
    return Thread(one, "_process", lambda: one.problem or "")


def history(folder: Path) -> Thread:
    one = Recorder(Recent(), HistoryStore(folder / "history.db"), 60.0)
    one._wake.set()
    return Thread(one, "write", lambda: one.problem or "")


def indicator(_folder: Path) -> Thread:
    one = Indicator(PrivacyConfig(indicator_topic="lamp"), publish=lambda *_, **__: True)
    return Thread(one, "_show", lambda: one.problem or "")


def actions(_folder: Path) -> Thread:
    one = ActionExecutor(ActionsConfig(), publish=lambda *_, **__: True)
    return Thread(one, "_next", lambda: str(one.status().problems))


def control(folder: Path) -> Thread:
    one = ControlServer(folder / "hall.sock", lambda command, arguments: {})
    return Thread(one, "_beat", lambda: one.problem or "")


def server(_folder: Path) -> Thread:
    one = HttpServer(Listening("metrics", "127.0.0.1", free_port()), [])
    return Thread(one, "_listen", lambda: str(one.problems()))


ALL = [camera, worker, history, indicator, actions, control, server]


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_a_fault_in_a_thread_is_told_and_its_work_is_begun_again(
    make: Callable[[Path], Thread], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: ExitStack
) -> None:
    one, calls, leave = make(tmp_path), [0], threading.Event()

    def fail(*_: object) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise ValueError("injected")
        leave.wait(10.0)

    with monkeypatch.context() as patch:
        patch.setattr(one.owner, one.method, fail)
        one.owner.start()
        ending.callback(one.owner.stop)
        eventually(lambda: "ValueError: injected (thread " in one.problem())
        eventually(lambda: calls[0] >= 2, what="the work goes on")
    leave.set()


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_a_thread_that_cannot_be_started_is_told_and_started_later(
    make: Callable[[Path], Thread], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: ExitStack
) -> None:
    one, works = make(tmp_path), threading.Event()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        one.owner.start()
        ending.callback(one.owner.stop)
        assert "the system lets no further thread start: end other programs" in one.problem()
    monkeypatch.setattr(one.owner, one.method, lambda *_: works.set())

    def working() -> bool:
        one.owner.revive()
        return works.is_set()

    eventually(working)


def test_a_client_without_a_thread_is_a_problem_of_the_control_socket_until_one_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = ControlServer(tmp_path / "hall.sock", lambda command, arguments: {"at": str(datetime.now())})
    one.start()
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "control-client":
            raise RuntimeError("can't start new thread")
        start(thread)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(Exception, match=r"gave no answer|no daemon answers"):
                ask(one.path, "status", {})
            eventually(lambda: "lets no further thread start" in (one.problem or ""))
        assert ask(one.path, "status", {})
        eventually(lambda: one.problem is None)
    finally:
        one.stop()
