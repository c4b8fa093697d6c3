"""The physical keys of the daemon, by events through a pipe, shaped as linux/input.h has them."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from daemon.test_components import Bench
from integration.broker import eventually

from edge.actions.vigilance import SenseSigns
from edge.daemon.alerting import SensesNow
from edge.daemon.requests import carry_out
from edge.daemon.switches import ControlRequest

ENTER = 28


def press(device: Path, code: int = ENTER) -> None:
    with device.open("wb", buffering=0) as keyboard:
        keyboard.write(struct.pack("llHHi", 1, 2, 1, code, 1) + struct.pack("llHHi", 1, 2, 1, code, 0))


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "event3")
    return tmp_path / "event3"


def test_a_key_acknowledges_the_alerts_that_stand(tmp_path: Path, pipe: Path) -> None:
    key = {"device": str(pipe), "key": "KEY_ENTER"}
    bench = Bench(tmp_path, actions={"alarms": {"blind": 10, "deaf": 10}, "acknowledge": key})
    acting, silent = bench.components.outlets.acting, SenseSigns(True, None)
    for now in (0.0, 11.0):
        acting.look_out({"": SensesNow(silent, silent)}, now)
    assert acting.alert is not None
    press(pipe)
    eventually(lambda: bench.posted)
    (request,) = bench.posted
    assert isinstance(request, ControlRequest)
    carry_out(bench.components, request)
    assert sorted(request.answer.result(0)["acknowledged"]) == ["blind", "deaf"]
    assert acting.alert.acknowledged
    bench.components.stop()


def test_a_reload_brings_another_key(tmp_path: Path, pipe: Path) -> None:
    bench = Bench(tmp_path, actions={"acknowledge": {"device": str(tmp_path / "nothing")}})
    eventually(lambda: any("acknowledge: cannot read" in problem for problem in bench.problems()))
    bench.replace(actions={"acknowledge": {"device": str(pipe)}})
    assert not any("acknowledge" in problem for problem in bench.problems())
    press(pipe)
    eventually(lambda: bench.posted)
    assert [request.command for request in bench.posted if isinstance(request, ControlRequest)] == ["alert"]
    bench.components.stop()
