"""`emotion-edge alert` against a real control socket; the daemon behind it is plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.commands.main import main
from edge.daemon.control import ControlServer


class Daemon:
    def __init__(self) -> None:
        self.alert: dict[str, Any] | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def answer(self, command: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((command, dict(arguments)))
        return {"alert": self.alert, "acknowledged": []}


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def socket(tmp_path: Path, daemon: Daemon) -> Iterator[str]:
    server = ControlServer(tmp_path / "run" / "hub.sock", daemon.answer)
    server.start()
    yield str(server.path)
    server.stop()


def test_the_alert_is_told_and_acknowledged(
    socket: str, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alert", "--socket", socket]) == 0
    assert capsys.readouterr().out == "no alert\n"
    daemon.alert = {"cause": "stress", "level": "critical", "message": "stop", "acknowledged": True}
    assert main(["alert", "ack", "--cause", "stress", "--socket", socket]) == 0
    assert capsys.readouterr().out == "critical: stop [stress] (acknowledged)\n"
    assert main(["alert", "ack", "--json", "--socket", socket]) == 0
    assert json.loads(capsys.readouterr().out)["alert"]["cause"] == "stress"
    assert daemon.asked == [
        ("alert", {}),
        ("alert", {"acknowledge": "stress"}),
        ("alert", {"acknowledge": ""}),
    ]


def test_without_a_daemon_there_is_one_line_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alert", "--socket", str(tmp_path / "none.sock")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
