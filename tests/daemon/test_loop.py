"""The main loop in process: what comes in, what is told, and what happens when something hangs or breaks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from daemon.fakes import Clock, Hardware, heard, seen, sensed
from integration.broker import eventually

from edge.config import Config, Loaded
from edge.daemon.loop import Daemon, Signal
from edge.daemon.systemd import Notifier
from edge.errors import ConfigError
from edge.publish.commands import Command, Response

NOW = 100.0
QUICK = {"half_life": 0.0, "enter": 0.5, "exit": 0.4, "dwell": 0.0, "thresholds": {}}


class Bench:
    """A daemon on fake hardware; systemd is a socket of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.hardware = Clock(NOW), Hardware()
        self.moods: list[str] = []
        self.next: Callable[[], Config] = self.config
        self._systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._systemd.bind(str(folder / "notify"))
        self._systemd.setblocking(False)
        self._told: list[str] = []
        places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
        self.daemon = Daemon(
            loaded=self._loaded(self.config()),
            reload=lambda: self._loaded(self.next()),
            env=places,
            notifier=Notifier({"NOTIFY_SOCKET": str(folder / "notify")}),
            watchdog=1.0,
            clock=self.clock,
            wall=lambda: 1_777_888_800.0,
            on_mood=lambda mood: self.moods.append(mood.emotion),
            openers=self.hardware.openers(),
        )

    @staticmethod
    def config(**sections: Any) -> Config:
        return Config.model_validate({"mqtt": {"enabled": False}, "smoothing": QUICK, **sections})

    @staticmethod
    def _loaded(config: Config) -> Loaded:
        return Loaded(config=config, path=Path("config.yaml"))

    def told(self, word: str) -> int:
        """How often systemd was told so."""
        while True:
            try:
                self._told.append(self._systemd.recv(4096).decode())
            except BlockingIOError:
                return sum(word in text.split("\n") for text in self._told)

    def handle(self, *events: object) -> None:
        """Start, take these events, stop: a stop goes first, so what came before it is waited for."""
        with self.running():
            for event in events:
                self.daemon.post(sensed(event))  # type: ignore[arg-type]
            self.ask("scores")

    def ask(self, name: str) -> Response:
        """Ask the running daemon, and wait for its answer."""
        answers: list[Response] = []
        self.daemon.post(Command("request", name, respond=answers.append))
        eventually(lambda: answers, what=f"an answer to {name}")
        return answers[0]

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.daemon.run, daemon=True)
        thread.start()
        eventually(lambda: self.told("READY=1"), what="READY")
        try:
            yield
        finally:
            self.hardware.engine.set()
            self.daemon.post(Signal.STOP)
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_face_becomes_a_mood_and_is_counted(bench: Bench) -> None:
    bench.handle(seen("happy", NOW), seen("happy", NOW, faces=0))
    assert bench.moods == ["happy"]
    assert (bench.daemon.stats.frames, bench.daemon.stats.faces) == (2, 1)
    assert (bench.told("READY=1"), bench.told("STOPPING=1")) == (1, 1)


def test_speech_becomes_a_mood_and_is_counted(bench: Bench) -> None:
    bench.handle(heard("sad", NOW))
    assert bench.moods == ["sad"]
    assert bench.daemon.stats.speech_windows == 1


def test_what_comes_late_from_a_camera_that_was_closed_does_not_count(bench: Bench) -> None:
    bench.handle(Command("set", "camera", on=False), seen("happy", NOW), heard("sad", NOW))
    assert bench.daemon.stats.frames == 0
    assert bench.moods == ["sad"]


def test_what_comes_late_from_a_microphone_that_was_closed_does_not_count(bench: Bench) -> None:
    bench.handle(Command("set", "microphone", on=False), heard("sad", NOW))
    assert (bench.daemon.stats.speech_windows, bench.moods) == (0, [])


def test_the_watchdog_is_fed_while_all_stages_live_and_not_while_one_is_stuck(bench: Bench) -> None:
    with bench.running():
        for meals in (1, 2):
            eventually(lambda: bench.told("WATCHDOG=1") >= meals, what="food for the watchdog")  # noqa: B023
            bench.clock.now += 2
        bench.hardware.engine.clear()
        bench.hardware.deliver(bench.clock.now)
        assert bench.hardware.looks.wait(30)
        frames = bench.daemon.stats.frames
        bench.clock.now += 21
        eventually(lambda: things(bench) == ["face"], what="only one stage to be stuck")
        fed = bench.told("WATCHDOG=1")
        for _ in range(3):
            assert things(bench, later=2) == ["face"]
        assert bench.told("WATCHDOG=1") == fed
        bench.hardware.engine.set()
        eventually(lambda: bench.daemon.stats.frames > frames, what="the engine to go on")
        eventually(lambda: "stuck" not in problems(bench), what="health to heal")
        bench.clock.now += 2
        eventually(lambda: bench.told("WATCHDOG=1") > fed, what="food for the watchdog again")


def things(bench: Bench, later: float = 0.0) -> list[str]:
    bench.clock.now += later
    return [problem.split(":")[0] for problem in bench.ask("doctor").data["problems"]]


def problems(bench: Bench, later: float = 0.0) -> str:
    bench.clock.now += later
    return "; ".join(bench.ask("doctor").data["problems"])


def test_a_fault_in_a_step_is_reported_and_over_after_a_clean_minute(bench: Bench) -> None:
    broken = Command("request", "scores", respond=lambda _: 1 / 0)  # type: ignore[arg-type]
    with bench.running():
        bench.daemon.post(broken)
        told = bench.ask("doctor").data
        assert told["status"] == "error"
        assert told["problems"] == ["daemon: ZeroDivisionError: division by zero"]
        assert "daemon: ZeroDivisionError: division by zero" in problems(bench, later=59)
        bench.clock.now += 2
        eventually(lambda: problems(bench) == "", what="health to heal")


def test_a_reload_that_is_refused_is_told_and_the_next_one_heals(bench: Bench) -> None:
    def mistake() -> Config:
        raise ConfigError("camera.fps: has to be a number\nand more")

    with bench.running():
        good, bench.next = bench.next, mistake
        assert bench.ask("reload").status == "error"
        assert problems(bench) == "configuration: not reloaded: camera.fps: has to be a number"
        bench.next = good
        assert bench.ask("reload").status == "ok"
        assert problems(bench) == ""
    assert bench.told("READY=1") == 3


def test_a_restart_is_answered_first(bench: Bench) -> None:
    answers: list[Response] = []
    bench.daemon.post(Command("request", "restart", respond=answers.append))
    assert bench.daemon.run() is Signal.RESTART
    assert [answer.status for answer in answers] == ["ok"]


def test_a_run_of_limited_length_ends_by_itself(bench: Bench) -> None:
    assert bench.daemon.run(duration=0.0) is Signal.STOP
