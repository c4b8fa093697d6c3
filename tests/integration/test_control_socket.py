from __future__ import annotations

import json
import os
import pwd
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from integration.broker import eventually

from edge.daemon.control import ControlServer
from edge.daemon.control_client import ask, find_socket
from edge.errors import EdgeError


def echo(command: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    if command == "refuse":
        raise EdgeError("not today")
    if command == "break":
        raise RuntimeError("secret detail")
    return {"command": command, **arguments}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    running = ControlServer(tmp_path / "run" / "hub.sock", echo)
    running.start()
    yield running
    running.stop()


def test_asks_and_is_answered(server: ControlServer) -> None:
    assert ask(server.path, "privacy", {"what": "on"}) == {"command": "privacy", "what": "on"}


def test_several_requests_on_one_connection(server: ControlServer) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.path))
        stream = connection.makefile("rwb")
        for number in range(3):
            stream.write(json.dumps({"command": "n", "arguments": {"number": number}}).encode() + b"\n")
            stream.flush()
            assert json.loads(stream.readline())["data"]["number"] == number


def test_a_refusal_reaches_the_asker_with_its_reason(server: ControlServer) -> None:
    with pytest.raises(EdgeError, match="not today"):
        ask(server.path, "refuse", {})


def test_a_fault_inside_is_reported_without_detail(server: ControlServer) -> None:
    with pytest.raises(EdgeError, match="internal error") as caught:
        ask(server.path, "break", {})
    assert "secret" not in str(caught.value)
    assert ask(server.path, "still", {}) == {"command": "still"}


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"[]\n", b"{}\n", b'{"command": 1}\n', b'{"command":"x","arguments":[]}\n']
)
def test_a_malformed_line_gets_an_error_and_the_connection_stays(server: ControlServer, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.path))
        stream = connection.makefile("rwb")
        stream.write(line)
        stream.flush()
        assert json.loads(stream.readline())["status"] == "error"
        stream.write(b'{"command":"x"}\n')
        stream.flush()
        assert json.loads(stream.readline())["status"] == "ok"


def test_an_endless_line_ends_the_connection_not_the_server(server: ControlServer) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server.path))
        with pytest.raises(OSError):
            connection.sendall(b"x" * 1_000_000)
            assert connection.recv(1) == b""
            raise ConnectionResetError
    assert ask(server.path, "x", {}) == {"command": "x"}


def test_clients_that_say_nothing_or_drip_delay_nobody_and_are_let_go(tmp_path: Path) -> None:
    server = ControlServer(tmp_path / "hub.sock", echo, patience=0.5)
    server.start()
    with socket.socket(socket.AF_UNIX) as idle, socket.socket(socket.AF_UNIX) as dripping:
        for client in (idle, dripping):
            client.settimeout(30)
            client.connect(str(server.path))
        dripping.sendall(b'{"comm')
        assert ask(server.path, "x", {}) == {"command": "x"}
        with pytest.raises(BrokenPipeError):
            while True:
                dripping.sendall(b"a")
                threading.Event().wait(0.02)
        assert idle.recv(1) == b"", "let go, though it never asked"
    server.stop()


def test_a_client_that_waits_for_the_main_loop_holds_up_no_other(tmp_path: Path) -> None:
    answer, asked = threading.Event(), threading.Event()

    def slow(command: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if command == "slow":
            asked.set()
            assert answer.wait(30)
        return {"command": command}

    server = ControlServer(tmp_path / "hub.sock", slow)
    server.start()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ask, server.path, "slow", {})
        assert asked.wait(30)
        assert ask(server.path, "quick", {}) == {"command": "quick"}
        answer.set()
        assert waiting.result(30) == {"command": "slow"}
    server.stop()


def test_clients_that_say_nothing_make_room_for_one_that_asks(server: ControlServer) -> None:
    clients = [socket.socket(socket.AF_UNIX) for _ in range(30)]
    for client in clients:
        client.connect(str(server.path))
        client.send(b'{"comm')
    assert ask(server.path, "x", {}) == {"command": "x"}
    for client in clients:
        client.close()


def test_more_requests_than_there_is_room_for_are_refused(tmp_path: Path) -> None:
    busy, done = threading.Semaphore(0), threading.Event()

    def slow(command: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        busy.release()
        done.wait(60)
        return {"command": command}

    server = ControlServer(tmp_path / "hub.sock", slow)
    server.start()
    clients = [socket.socket(socket.AF_UNIX) for _ in range(16)]
    for client in clients:
        client.connect(str(server.path))
        client.sendall(b'{"command": "x"}\n')
        assert busy.acquire(timeout=60)
    with pytest.raises(EdgeError, match="too many clients"):
        ask(server.path, "x", {})
    done.set()
    for client in clients:
        client.close()
    eventually(lambda: not any(thread.name == "control-client" for thread in threading.enumerate()))
    assert ask(server.path, "x", {}) == {"command": "x"}
    server.stop()


def test_only_its_user_may_reach_the_socket(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.path.parent.stat().st_mode) == 0o700


def test_the_group_may_reach_it_where_it_is_asked_for(tmp_path: Path) -> None:
    server = ControlServer(tmp_path / "hub.sock", echo, group=True)
    server.start()
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o660
    server.stop()


ASK_AS = """
import encodings.idna, os, sys
from pathlib import Path
from edge.daemon.control_client import ask
from edge.errors import EdgeError
os.setgroups([int(group) for group in sys.argv[3].split(",") if group])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
try:
    print(ask(Path(sys.argv[1]), "x", {}))
except EdgeError as error:
    print(error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody may enter; pytest closes its own whenever another run of it begins."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to ask as another user")
@pytest.mark.parametrize(
    ("groups", "answer"), [("", "not permitted for this user"), ("0", "{'command': 'x'}")]
)
def test_a_stranger_who_gets_to_the_socket_is_turned_away(
    open_folder: Path, groups: str, answer: str
) -> None:
    server = ControlServer(open_folder / "hub.sock", echo, group=True)
    server.start()
    server.path.chmod(0o666)
    nobody = str(pwd.getpwnam("nobody").pw_uid)
    try:
        told = subprocess.run(
            [sys.executable, "-c", ASK_AS, str(server.path), nobody, groups],
            capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True,
        )  # fmt: skip
    finally:
        server.stop()
    assert told.stdout.strip() == answer


def test_a_second_daemon_does_not_take_the_socket_over(server: ControlServer) -> None:
    with pytest.raises(EdgeError, match=r"another daemon listens on .*; give each its own device\.id"):
        ControlServer(server.path, echo).start()
    assert ask(server.path, "x", {}) == {"command": "x"}


def test_what_a_killed_daemon_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "hub.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = ControlServer(path, echo)
    server.start()
    assert ask(path, "x", {}) == {"command": "x"}
    server.stop()
    assert not path.exists()


def test_stopping_is_quick_and_ends_the_thread(server: ControlServer) -> None:
    server.stop()
    assert not any(thread.name == "control" for thread in threading.enumerate())
    with pytest.raises(EdgeError, match=r"no daemon answers at .*; is it running"):
        ask(server.path, "x", {})


def test_finds_the_socket_of_the_device_or_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no daemon is running for device 'hub'"):
        find_socket([tmp_path], "hub")
    first, second = ControlServer(tmp_path / "a.sock", echo), ControlServer(tmp_path / "b.sock", echo)
    first.start()
    assert find_socket([tmp_path / "none", tmp_path], "hub") == first.path
    with pytest.raises(EdgeError, match="no daemon is running for device 'hub'"):
        find_socket([tmp_path], "hub", exact=True)
    second.start()
    assert find_socket([tmp_path], "b") == second.path
    with pytest.raises(EdgeError, match="but for a, b"):
        find_socket([tmp_path], "hub")
    first.stop()
    second.stop()
