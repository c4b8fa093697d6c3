"""The notification protocol, spoken to a real socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.daemon.systemd import Notifier, watchdog_interval


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@edge-test-{os.getpid()}-{id(request)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        server.settimeout(2.0)
        yield name, lambda: server.recv(4096).decode()


def test_every_message_arrives_as_systemd_reads_it(heard: tuple[str, Callable[[], str]]) -> None:
    address, receive = heard
    notifier = Notifier({"NOTIFY_SOCKET": address}, clock_us=lambda: 123456)
    assert notifier.enabled
    assert notifier.ready("face onnx 14.8 fps,\nmqtt connected")
    assert receive() == "READY=1\nSTATUS=face onnx 14.8 fps, mqtt connected"
    assert notifier.ready()
    assert receive() == "READY=1"
    assert notifier.status("speech off")
    assert receive() == "STATUS=speech off"
    assert notifier.reloading()
    assert receive() == "RELOADING=1\nMONOTONIC_USEC=123456"
    assert notifier.watchdog()
    assert receive() == "WATCHDOG=1"
    assert notifier.stopping("bye")
    assert receive() == "STOPPING=1\nSTATUS=bye"


def test_the_reload_time_is_that_of_the_monotonic_clock(tmp_path: Path) -> None:
    import time

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "n"))
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        Notifier({"NOTIFY_SOCKET": str(tmp_path / "n")}).reloading()
        stamp = int(server.recv(4096).decode().rsplit("=", 1)[1])
    assert before <= stamp <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


@pytest.mark.parametrize("env", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_a_socket_nothing_is_sent(env: dict[str, str]) -> None:
    notifier = Notifier(env)
    assert not notifier.enabled
    assert not notifier.ready("x")


def test_a_vanished_socket_does_no_harm(tmp_path: Path) -> None:
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).watchdog()


@pytest.mark.parametrize(
    ("env", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_fed_at_half_its_time(env: dict[str, str], interval: float | None) -> None:
    assert watchdog_interval(env, pid=7) == interval
