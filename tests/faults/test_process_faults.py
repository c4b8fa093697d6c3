"""The process itself: stopped, killed, starved, asked too much, and its configuration."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from faults.site import BASE, DEVICE, Site
from integration.broker import eventually, free_port

Outcome = Callable[..., None]


def test_daemon_frozen_for_8_s(site: Site, outcome: Outcome) -> None:
    with site.frozen(site.pid):
        time.sleep(8)
    outcome(
        lost="what happened meanwhile", health="offline by the will, then ok", seconds=site.flows("/face")
    )


@pytest.mark.quick_fault
@pytest.mark.ends_the_daemon
def test_daemon_killed_and_started_again(site: Site, outcome: Outcome) -> None:
    site.daemon.send(signal.SIGKILL)
    site.daemon.wait()
    eventually(lambda: site.seen.payloads("/availability")[-1] == "offline", within=20, what="the will")
    begin = time.monotonic()
    site.restart()
    site.flows("/face")
    outcome(lost="what happened meanwhile", health="offline by the will", since=begin)


@pytest.mark.ends_the_daemon
def test_stop_while_the_broker_is_frozen(site: Site, outcome: Outcome) -> None:
    with site.frozen(site.broker.pid):
        begin = time.monotonic()
        site.daemon.send(signal.SIGTERM)
        assert site.daemon.wait(10) == 0
        took = time.monotonic() - begin
    site.restart()
    outcome(lost="the word offline; the will says it", health=f"ended within {took:.1f} s", seconds=took)


def test_broken_configuration_at_a_reload(site: Site, outcome: Outcome) -> None:
    begin = time.monotonic()
    site.config.write_text("mqtt: [1, 2\n")
    site.daemon.send(signal.SIGHUP)
    health = site.log_says("config.yaml:")
    site.flows("/face")
    site.write()
    site.daemon.send(signal.SIGHUP)
    site.healthy()
    outcome(lost="nothing: the old configuration stays", health=f"log: {health[:100]}", since=begin)


def test_configuration_removed_at_a_reload(site: Site, outcome: Outcome) -> None:
    begin = time.monotonic()
    site.config.unlink()
    site.daemon.send(signal.SIGHUP)
    health = site.log_says("config.yaml")
    site.flows("/face")
    site.write()
    site.daemon.send(signal.SIGHUP)
    outcome(lost="nothing: the old configuration stays", health=f"log: {health[:100]}", since=begin)


def test_model_missing_at_a_reload(site: Site, outcome: Outcome) -> None:
    begin = time.monotonic()
    site.write(engines={"face": "no-such-model"})
    site.daemon.send(signal.SIGHUP)
    health = site.log_says("no-such-model")
    site.flows("/face")
    site.write()
    site.daemon.send(signal.SIGHUP)
    site.healthy()
    outcome(lost="nothing: the old models stay", health=f"log: {health[:100]}", since=begin)


def test_twenty_reloads_at_once(site: Site, outcome: Outcome) -> None:
    begin = time.monotonic()
    for _ in range(20):
        site.daemon.send(signal.SIGHUP)
    site.flows("/face", 2)
    outcome(lost="nothing", health="ok", since=begin)


@contextmanager
def limited(pid: int, resource: str, value: str) -> Iterator[None]:
    """A resource limit of a running process for as long as the block."""
    shown = subprocess.run(
        ["prlimit", "--pid", str(pid), f"--{resource}", "--output", "SOFT", "--noheadings", "--raw"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    subprocess.run(["prlimit", "--pid", str(pid), f"--{resource}={value}:"], check=True)
    try:
        yield
    finally:
        subprocess.run(["prlimit", "--pid", str(pid), f"--{resource}={shown}:"], check=True)


def test_no_file_descriptors_while_the_broker_restarts(site: Site, outcome: Outcome) -> None:
    with limited(site.pid, "nofile", "8"):
        site.broker.kill()
        site.broker.start()
        time.sleep(6)
    seconds = site.online(within=60)
    outcome(lost="readings of the outage", health="log names the limit", seconds=seconds)


def test_no_address_space_for_another_thread(site: Site, outcome: Outcome) -> None:
    """Less is left than a thread's stack takes; the stacks of threads that have ended are used up first."""
    site.flows("/face", 3)
    pages = int(Path(f"/proc/{site.pid}/statm").read_text().split()[0])
    left = pages * os.sysconf("SC_PAGESIZE") + 4 * 2**20
    with ExitStack() as clients, limited(site.pid, "as", str(left)):
        for _ in range(14):
            one = clients.enter_context(socket.socket(socket.AF_UNIX))
            one.connect(str(site.folder / f"{DEVICE}.sock"))
        health = site.health_says("control")
        assert "TasksMax=" in health
        site.flows("/face")
    begin = time.monotonic()
    eventually(lambda: "control" not in str(site.problems()), within=20, what="clients are served again")
    site.ask("privacy", what="status")
    outcome(lost="the clients beyond the limit", health=health, since=begin)


def test_no_new_files_while_switching_off(site: Site, outcome: Outcome) -> None:
    with limited(site.pid, "fsize", "0"):
        site.switch("camera", "OFF")
        health = site.health_says("switches")
    begin = time.monotonic()
    eventually(lambda: "switches" not in str(site.problems()), within=20, what="stored afterwards")
    took = time.monotonic() - begin
    site.switch("camera", "ON")
    outcome(lost="nothing: closed at once, stored later", health=health, seconds=took)


def test_no_processor_time(site: Site, outcome: Outcome) -> None:
    busy = [subprocess.Popen(["python3", "-c", "while True: pass"]) for _ in range(6)]
    try:
        site.flows("/face", 3, within=60)
        assert not site.daemon.ended
    finally:
        for one in busy:
            one.kill()
            one.wait()
    outcome(
        lost="pictures that are too old", health=str(site.problems() or "ok"), seconds=site.flows("/face")
    )


def test_processor_shared_with_thirty_others(site: Site, outcome: Outcome) -> None:
    """Fewer pictures are looked at before the face lags, and all of them when the others have gone."""
    one = min(os.sched_getaffinity(0))
    everywhere = os.sched_getaffinity(site.pid)
    mark = len(site.daemon.log)

    def lines(text: str) -> list[str]:
        return [line for line in list(site.daemon.log)[mark:] if text in line]

    busy = [subprocess.Popen(["python3", "-c", "while True: pass"]) for _ in range(30)]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, {one})
            _first_in_line(process.pid)
        _first_in_line(site.pid)
        pinned(site.pid, {one})
        eventually(lambda: lines("pictures a second"), within=60, what=f"fewer pictures\n{site.tail()}")
    finally:
        for process in busy:
            process.kill()
            process.wait()
        pinned(site.pid, everywhere)
    begin = time.monotonic()
    eventually(lambda: lines("looks at all pictures"), within=120, what=f"all pictures again\n{site.tail()}")
    fewer = lines("pictures a second")[0].split(": ", 1)[-1]
    outcome(lost="pictures beyond what it could bear", health=f"log: {fewer}", since=begin)


def _first_in_line(pid: int) -> None:
    """What else runs on this machine is no part of the fault; only root may put a process before it."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, int(task.name), -15)


def pinned(pid: int, processors: set[int]) -> None:
    """All threads of a process, on these processors."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), processors)


def test_control_socket_with_an_idle_client(site: Site, outcome: Outcome) -> None:
    with socket.socket(socket.AF_UNIX) as idle:
        idle.connect(str(site.folder / f"{DEVICE}.sock"))
        begin = time.monotonic()
        site.ask("privacy", what="status")
        took = time.monotonic() - begin
        idle.setblocking(False)
        with pytest.raises(BlockingIOError):
            idle.recv(1)  # it is still there: nobody waited for its end
    outcome(lost="nothing", health="ok", seconds=took)


@pytest.mark.parametrize(
    "rubbish", [b"\0" * 100, b"[" * 60_000 + b"\n", b"x" * 200_000], ids=["zeros", "deep", "long"]
)
def test_control_socket_with_rubbish(site: Site, outcome: Outcome, rubbish: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as odd:
        odd.settimeout(5)
        odd.connect(str(site.folder / f"{DEVICE}.sock"))
        try:
            odd.sendall(rubbish + b"\n")
            odd.recv(1000)
        except OSError:
            pass
    begin = time.monotonic()
    site.ask("privacy", what="status")
    outcome(lost="nothing", health="ok", since=begin)


@pytest.fixture
def metrics(site: Site) -> Iterator[int]:
    """The site with metrics on a free port."""
    port = free_port()
    site.write(metrics={"enabled": True, "port": port})
    site.daemon.send(signal.SIGHUP)
    yield port
    site.write()
    site.daemon.send(signal.SIGHUP)


def get(port: int, host: str = "localhost") -> bytes:
    """The answer to a scrape, b"" where nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(f"GET /metrics HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return client.makefile("rb").read()
    except OSError:
        return b""


def test_metrics_with_a_silent_client(site: Site, metrics: int, outcome: Outcome) -> None:
    eventually(lambda: b"200 OK" in get(metrics))
    with socket.create_connection(("127.0.0.1", metrics)):
        begin = time.monotonic()
        assert b"200 OK" in get(metrics)
        took = time.monotonic() - begin
    outcome(lost="nothing", health="ok", seconds=took)


def test_metrics_port_in_use(site: Site, outcome: Outcome) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        site.write(metrics={"enabled": True, "port": port})
        site.daemon.send(signal.SIGHUP)
        health = site.health_says("metrics")
    begin = time.monotonic()
    eventually(lambda: b"200 OK" in get(port), within=60)
    site.write()
    took = time.monotonic() - begin
    site.daemon.send(signal.SIGHUP)
    outcome(lost="scrapes meanwhile", health=health, seconds=took)


def test_action_target_that_hangs(site: Site, outcome: Outcome) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/hook"
        everything = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "none"]
        hook = {"http": {"url": url, "json": {"mood": "{emotion}"}, "timeout": 1}}
        lamp = {"mqtt": {"topic": f"{BASE}/lamp", "payload": "{emotion}"}}
        rule = {"name": "hook", "when": everything, "then": [hook, lamp]}
        site.write(actions={"rules": [rule], "retries": 0})
        begin, before = time.monotonic(), site.daemon.said("READY=1")
        site.daemon.send(signal.SIGHUP)
        eventually(lambda: site.daemon.said("READY=1") > before, within=60, what="reloaded")
        for name in ("camera", "microphone"):
            site.switch(name, "OFF")
        eventually(lambda: site.seen.payloads("/state")[-1]["emotion"] == "none", within=60, what="nobody")
        for name in ("camera", "microphone"):
            site.switch(name, "ON")
        site.seen.wait_for("/lamp", within=60)
        health = site.health_says("hook", within=60)
    site.write()
    site.daemon.send(signal.SIGHUP)
    outcome(lost="the call to that target", health=health, since=begin)


def test_restart_request_in_the_middle_of_everything(site: Site, outcome: Outcome) -> None:
    begin, before = time.monotonic(), site.daemon.said("READY=1")
    site.seen.say(f"{BASE}/request/restart", json.dumps({"transaction": "t"}))
    eventually(lambda: site.daemon.said("READY=1") > before, within=60, what="READY again")
    site.flows("/face")
    outcome(lost="what happened meanwhile", health="offline, then online", since=begin)
