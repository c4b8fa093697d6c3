"""Switches on real folders and a real socket; the main loop is the test."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from integration.broker import eventually

from edge.config import Config
from edge.daemon.control_client import ask
from edge.daemon.health import Heartbeats
from edge.daemon.switches import ControlRequest, Switches
from edge.errors import EdgeError

NOON = datetime(2026, 5, 4, 12).astimezone()
ALL_OPEN = {"camera": True, "microphone": True, "actions": True}


class Desk:
    """Switches of the device `hall`, and everything that left them."""

    def __init__(self, folder: Path, *, mqtt: dict[str, Any] | None = None, **privacy: Any) -> None:
        self.announced: list[tuple[str, bool]] = []
        self.published: list[tuple[str, bytes]] = []
        self.kept: list[Mapping[str, bool] | None] = []
        self.requests: list[ControlRequest] = []
        self.answer: Callable[[ControlRequest], None] = lambda _: None
        self.socket = folder / "hall.sock"
        self.switches = Switches(
            config=self.config(mqtt=mqtt, **privacy),
            env={"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)},
            post=self._post,
            publish=self._publish,
            announce=lambda name, on: self.announced.append((name, on)),
            keep_unstored=self.kept.append,
            heartbeats=Heartbeats(),
            clock=time.monotonic,
        )

    @staticmethod
    def config(*, mqtt: dict[str, Any] | None = None, **privacy: Any) -> Config:
        return Config.model_validate({"device": {"id": "hall"}, "privacy": privacy, "mqtt": mqtt or {}})

    def open(self) -> dict[str, bool]:
        desired = self.switches.desired(NOON)
        return {name: desired.of(name) for name in ALL_OPEN}

    def _post(self, request: ControlRequest) -> None:
        self.requests.append(request)
        self.answer(request)

    def _publish(self, topic: str, payload: bytes, *, qos: int) -> bool:
        self.published.append((topic, payload))
        return True


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.switches.start()
    yield made
    made.switches.stop()


def test_a_wish_counts_at_once_and_survives_a_restart(tmp_path: Path, desk: Desk) -> None:
    assert desk.open() == ALL_OPEN
    desk.switches.set("camera", False)
    assert desk.open() == {**ALL_OPEN, "camera": False}
    assert Desk(tmp_path).open() == {**ALL_OPEN, "camera": False}


def test_only_changes_are_announced_until_a_new_connection_asks_for_all(desk: Desk) -> None:
    desk.switches.now(ALL_OPEN)
    desk.switches.now(ALL_OPEN)
    desk.switches.now({**ALL_OPEN, "camera": False})
    assert desk.announced == [*ALL_OPEN.items(), ("camera", False)]
    desk.announced.clear()
    desk.switches.announce_again()
    desk.switches.now(ALL_OPEN)
    assert desk.announced == [*ALL_OPEN.items()]


def test_a_schedule_from_a_reload_closes_and_what_people_set_stays(desk: Desk) -> None:
    desk.switches.set("actions", False)
    desk.switches.reconfigure(Desk.config(schedule=["11:00-13:00 camera"]))
    assert desk.open() == {"camera": False, "microphone": True, "actions": False}
    assert "11:00-13:00" in desk.switches.desired(NOON).reasons["camera"]


def test_a_request_is_applied_or_refused_with_the_reason(desk: Desk) -> None:
    good = ControlRequest("privacy", {"what": "on", "things": ["microphone"]})
    desk.switches.apply(good)
    assert desk.open()["microphone"] is False
    assert not good.answer.done()
    with pytest.raises(EdgeError, match="on, off or status"):
        desk.switches.apply(ControlRequest("privacy", {"what": "maybe"}))


def test_a_program_beside_the_daemon_gets_the_main_loops_answer(desk: Desk) -> None:
    desk.answer = lambda request: request.answer.set_result({"camera": False})
    assert ask(desk.socket, "privacy", {"what": "status"}, timeout=5) == {"camera": False}
    assert [(request.command, request.arguments) for request in desk.requests] == [
        ("privacy", {"what": "status"})
    ]
    desk.answer = lambda request: request.answer.set_exception(EdgeError("not now"))
    with pytest.raises(EdgeError, match="not now"):
        ask(desk.socket, "privacy", {"what": "status"}, timeout=5)


def test_a_socket_that_another_daemon_has_is_a_problem_not_an_end(tmp_path: Path, desk: Desk) -> None:
    second = Desk(tmp_path)
    second.switches.start()
    (problem,) = second.switches.problems()
    assert problem.thing == "control"
    assert "device.id" in problem.text
    second.switches.set("camera", False)
    second.switches.stop()
    assert desk.socket.exists(), "the first daemon's socket is left alone"
    assert desk.switches.problems() == []


def test_an_off_that_cannot_be_stored_is_told_and_stored_later(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    desk = Desk(tmp_path)
    desk.switches = Switches(
        config=desk.config(),
        env={"STATE_DIRECTORY": str(blocked), "RUNTIME_DIRECTORY": str(tmp_path)},
        post=lambda _: None,
        publish=lambda *_, **__: True,
        announce=lambda *_: None,
        keep_unstored=desk.kept.append,
        heartbeats=Heartbeats(),
        clock=time.monotonic,
    )
    blocked.write_text("not a folder")
    desk.switches.set("camera", False)
    assert "cannot store" in desk.switches.durability["not_stored"]
    assert [problem.thing for problem in desk.switches.problems()] == ["switches"]
    blocked.unlink()
    assert desk.kept == [{"camera": False, "microphone": True, "actions": True}]
    desk.switches.tick(0.0, "connected")
    assert (desk.switches.durability, desk.switches.problems()) == ({}, [])
    assert desk.kept[1:] == [None]


def after_a_power_cut(folder: Path) -> Desk:
    Desk(folder).switches.set("camera", True)
    path = folder / "switches-hall.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "running": "another-boot 12"}))
    return Desk(folder)


@pytest.mark.parametrize(("connection", "until"), [("connected", 2.0), ("disconnected", 30.0)])
def test_after_a_power_cut_the_broker_is_asked_first(tmp_path: Path, connection: str, until: float) -> None:
    desk = after_a_power_cut(tmp_path)
    assert desk.open() == {"camera": False, "microphone": False, "actions": True}
    desk.switches.tick(100.0, "disconnected")
    desk.switches.tick(100.0, connection)
    desk.switches.tick(100.0 + until - 0.1, connection)
    assert not desk.open()["camera"]
    desk.switches.tick(100.0 + until, connection)
    assert desk.open() == ALL_OPEN
    assert desk.kept == []


def test_without_a_broker_nobody_is_asked(tmp_path: Path) -> None:
    after_a_power_cut(tmp_path)
    assert Desk(tmp_path, mqtt={"enabled": False}).open() == ALL_OPEN


def test_an_off_that_only_the_broker_kept_counts_and_is_then_forgotten_there(tmp_path: Path) -> None:
    desk = after_a_power_cut(tmp_path)
    desk.switches.recall({"camera": False, "microphone": True, "actions": True})
    assert desk.open() == {**ALL_OPEN, "camera": False}
    assert desk.kept == [None]
    assert Desk(tmp_path).open() == {**ALL_OPEN, "camera": False}


def test_a_stopped_desk_leaves_no_socket_and_no_thread(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.switches.start()
    assert desk.socket.exists()
    desk.switches.stop()
    assert not desk.socket.exists()
    assert "control" not in {thread.name for thread in threading.enumerate()}


LAMP = "hall/recording"


def test_the_indicator_topic_follows_open_devices_and_a_new_schedule_does_not_make_it_flicker(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, indicator_topic=LAMP)
    desk.switches.start()
    try:
        desk.switches.now(ALL_OPEN)
        eventually(lambda: desk.published[-1:] == [(LAMP, b"ON")])
        shown = len(desk.published)
        desk.switches.reconfigure(Desk.config(indicator_topic=LAMP, schedule=["11:00-13:00 camera"]))
        desk.switches.now({**ALL_OPEN, "camera": False})
        assert len(desk.published) == shown, "one device is still open"
        desk.switches.now({**ALL_OPEN, "camera": False, "microphone": False})
        eventually(lambda: desk.published[-1:] == [(LAMP, b"OFF")])
    finally:
        desk.switches.stop()


def test_a_new_indicator_takes_over_and_the_old_one_goes_dark(tmp_path: Path) -> None:
    desk = Desk(tmp_path, indicator_topic=LAMP)
    desk.switches.start()
    try:
        desk.switches.now(ALL_OPEN)
        eventually(lambda: desk.published[-1:] == [(LAMP, b"ON")])
        desk.switches.reconfigure(Desk.config(indicator_topic="hall/other"))
        assert (LAMP, b"OFF") in desk.published
        desk.switches.now(ALL_OPEN)
        eventually(lambda: desk.published[-1:] == [("hall/other", b"ON")])
    finally:
        desk.switches.stop()
