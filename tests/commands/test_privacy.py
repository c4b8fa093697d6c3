"""`emotion-edge privacy`: what people and scripts are told, by a daemon whose main loop is the test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.commands.main import main
from edge.daemon.control import ControlServer

CLOSED = {"camera": False, "microphone": False, "actions": True, "reasons": {"camera": "switched off"}}


def ask(folder: Path, what: str, answer: Mapping[str, Any], *options: str) -> int:
    server = ControlServer(folder / "hall.sock", lambda _command, _arguments: answer)
    server.start()
    try:
        return main(["privacy", what, "--socket", str(folder / "hall.sock"), *options])
    finally:
        server.stop()


def test_what_is_closed_is_told_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(tmp_path, "on", CLOSED) == 0
    told = capsys.readouterr().out
    assert "camera: closed (switched off)" in told
    assert "actions: on" in told
    assert "not stored" not in told


def test_an_off_that_would_not_survive_a_restart_is_told_and_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {**CLOSED, "not_stored": "cannot store the switches in /var/x: No space left on device"}
    assert ask(tmp_path, "on", answer) == 1
    assert "No space left on device" in capsys.readouterr().out
    assert ask(tmp_path, "on", answer, "--json") == 1
    assert ask(tmp_path, "status", answer) == 0


def test_of_one_room_it_tells_whom_that_keeps_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = {"driver/camera": "switched off", "passenger/camera": "shared with driver: switched off"}
    closed: dict[str, Any] = dict.fromkeys(reasons, False)
    answer = closed | {"den/camera": True, "actions": True, "reasons": reasons}
    assert ask(tmp_path, "on", answer, "--room", "driver") == 0
    told = capsys.readouterr().out
    assert "passenger/camera: closed (shared with driver: switched off)" in told
    assert "den" not in told
