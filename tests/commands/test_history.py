from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.commands.main import main
from edge.daemon.control import ControlServer


def test_history_of_one_device_is_not_erased_by_the_daemon_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("EMOTION_EDGE_DEVICE__ID", "hub")
    asked = threading.Event()

    def erase(_command: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.set()
        return {}

    other = ControlServer(tmp_path / "kitchen.sock", erase)
    other.start()
    try:
        assert main(["history", "--erase"]) == 0
    finally:
        other.stop()
    assert not asked.is_set()
    assert "no daemon is running" in capsys.readouterr().err
