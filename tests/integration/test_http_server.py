"""Metrics over HTTP: the server alone, and the daemon as a process that is scraped."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from integration.broker import eventually, free_port
from integration.process import DaemonProcess
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from edge.kiosk.endpoints import health_route, metrics_route
from edge.kiosk.server import HttpServer, Listening, lift_deadline
from edge.publish.health import Problem
from edge.samples import sample_clip

Serve = Callable[..., HttpServer]


def scrape(port: int, path: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def answers(port: int) -> bool:
    try:
        scrape(port)
    except OSError:
        return False
    return True


@pytest.fixture
def serve() -> Iterator[Serve]:
    made: list[HttpServer] = []

    def make(
        port: int,
        host: str = "127.0.0.1",
        *more: web.RouteDef,
        names: tuple[str, ...] = (),
        deadline: float = 10.0,
    ) -> HttpServer:
        registry = CollectorRegistry()
        Gauge("answer", "of everything", registry=registry).set(42)
        routes = (metrics_route(registry), *more)
        listening = Listening("metrics", host, port, names)
        made.append(HttpServer(listening, routes, again=0.05, deadline=deadline))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_metrics_are_served_by_a_named_thread_until_the_stop(serve: Serve) -> None:
    port = free_port()
    server = serve(port)
    eventually(lambda: answers(port))
    assert "answer 42.0" in scrape(port)
    assert server.problems() == []
    assert "metrics" in {thread.name for thread in threading.enumerate()}
    server.stop()
    assert "metrics" not in {thread.name for thread in threading.enumerate()}
    assert not answers(port)


def test_a_port_in_use_is_a_named_problem_until_it_is_free(serve: Serve) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = serve(port)
        eventually(server.problems)
        (problem,) = server.problems()
        assert str(problem) == (
            f"metrics: cannot listen on 127.0.0.1:{port}: Address already in use; "
            "set metrics.host and metrics.port to a free address"
        )
    eventually(lambda: answers(port))
    assert server.problems() == []


def test_an_address_of_another_machine_is_a_problem(serve: Serve) -> None:
    server = serve(free_port(), host="192.0.2.7")
    eventually(server.problems)
    assert "192.0.2.7" in str(server.problems()[0])


def test_an_ipv6_address_is_served_too(serve: Serve) -> None:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback: enable IPv6 on lo")
        port = probe.getsockname()[1]
    serve(port, host="::1")

    def reached() -> bool:
        try:
            with urllib.request.urlopen(f"http://[::1]:{port}/metrics", timeout=5) as answer:
                return "answer 42.0" in answer.read().decode()
        except OSError:
            return False

    eventually(reached)


def raw(port: int, request: str) -> str:
    """What comes back on a connection of its own, until the server ends it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request.encode())
        return b"".join(iter(lambda: client.recv(65_536), b"")).decode(errors="replace")


def get(port: int, host: str, path: str = "/metrics") -> str:
    return raw(port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")


def test_silent_and_dripping_clients_delay_nobody_and_are_cut_off(serve: Serve) -> None:
    port = free_port()
    serve(port, deadline=1.0)
    eventually(lambda: answers(port))
    clients = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(40)]
    try:
        for client in clients[20:]:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert "answer 42.0" in scrape(port)
        cut: set[socket.socket] = set()

        def all_cut() -> bool:
            for client in set(clients) - cut:
                try:
                    client.sendall(b"a")
                except OSError:
                    cut.add(client)
            return len(cut) == len(clients)

        eventually(all_cut, within=15, what="everybody is cut off")
        assert "answer 42.0" in scrape(port)
    finally:
        for client in clients:
            client.close()


def test_more_clients_than_there_is_room_for_push_out_the_oldest(serve: Serve) -> None:
    port = free_port()
    serve(port, deadline=60.0)
    eventually(lambda: answers(port))
    clients = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(100)]
    try:
        assert "answer 42.0" in scrape(port)
        assert clients[0].recv(1) == b""
    finally:
        for client in clients:
            client.close()


def test_a_request_that_lasts_may_have_its_deadline_lifted(serve: Serve) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        lift_deadline(request)
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10):
            await asyncio.sleep(0.05)
            await response.write(b"event\n")
        return response

    port = free_port()
    serve(port, "127.0.0.1", web.get("/events", events), deadline=0.2)
    eventually(lambda: answers(port))
    assert get(port, "localhost", "/events").count("event\n") == 10


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:9780", "", "[", "localhost.evil.example"]
)
def test_a_foreign_name_is_refused_with_the_remedy(serve: Serve, host: str) -> None:
    port = free_port()
    serve(port)
    eventually(lambda: answers(port))
    answer = get(port, host)
    assert answer.startswith(("HTTP/1.1 421", "HTTP/1.1 400"))
    assert "answer" not in answer


def test_addresses_own_names_and_allowed_ones_are_served(serve: Serve) -> None:
    port = free_port()
    serve(port, names=("Hub.lan",))
    eventually(lambda: answers(port))
    for host in ("127.0.0.1", f"localhost:{port}", "[::1]:80", socket.gethostname(), "hub.lan:9780"):
        assert "answer 42.0" in get(port, host), host
    assert "metrics.allowed_hosts" in get(port, "other.lan")


@pytest.mark.parametrize(
    ("problems", "code", "word"),
    [
        ([], 200, "ok"),
        ([Problem("camera", "gone")], 200, "degraded"),
        ([Problem("f", "x", "error")], 503, "error"),
    ],
)
def test_health_is_one_word_and_a_status(serve: Serve, problems: list[Problem], code: int, word: str) -> None:
    port = free_port()
    serve(port, "127.0.0.1", health_route(lambda: problems))
    eventually(lambda: answers(port))
    answer = get(port, "localhost", "/healthz")
    assert answer.startswith(f"HTTP/1.1 {code} ")
    document = json.loads(answer.partition("\r\n\r\n")[2])
    assert document == {"status": word, "problems": [str(problem) for problem in problems]}


def test_nonsense_is_answered_or_cut_off_without_a_word_in_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    serve(port)
    eventually(lambda: answers(port))
    for request in (
        "\0\1\2\r\n\r\n",
        "GET / HTTP/9\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ):
        assert "answer 42.0" not in raw(port, request)
    assert "answer 42.0" in scrape(port)
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_a_client_that_leaves_early_disturbs_nobody(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    serve(port)
    eventually(lambda: answers(port))
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /metrics")
    assert "answer" in scrape(port)
    assert "Traceback" not in capfd.readouterr().err


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    def write(metrics_port: int) -> Path:
        path = tmp_path / "config.yaml"
        clip = sample_clip()
        path.write_text(
            f"camera: {{source: '{clip}'}}\nmicrophone: {{source: '{clip}'}}\nmqtt: {{enabled: false}}\n"
            f"metrics: {{enabled: true, port: {metrics_port}}}\n"
        )
        return path

    return write


def values(port: int) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(scrape(port)):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[sample.name.removeprefix("emotion_edge_") + (f":{labels}" if labels else "")] = sample.value
    return found


def test_a_running_daemon_is_scraped_moves_to_another_port_and_survives_one_in_use(
    tmp_path: Path, config: Callable[..., Path]
) -> None:
    first, second = free_port(), free_port()
    daemon = DaemonProcess(tmp_path, config=config(first))
    try:
        daemon.start().ready()
        eventually(lambda: values(first)["latency_seconds_count"] > 0, within=30, what="a fused update")
        eventually(lambda: values(first)["frames_total"] > 0, within=30, what="a picture that was looked at")
        found = values(first)
        assert found["frames_total"] > 0
        assert found["device_open:camera"] == found["device_open:microphone"] == 1
        assert sum(value for name, value in found.items() if name.startswith("mood:")) == 1
        assert [name for name in found if re.fullmatch(r"stage_info:onnx,face[a-z0-9-]*,face", name)]
        assert found["process_resident_memory_bytes"] > 10_000_000
        assert "mqtt_connected" not in found

        config(second)
        daemon.send(signal.SIGHUP)
        eventually(lambda: answers(second), what="the new port")
        assert not answers(first)
        assert values(second)["frames_total"] >= found["frames_total"]

        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            config(other.getsockname()[1])
            daemon.send(signal.SIGHUP)
            eventually(lambda: daemon.logged("Address already in use"))
            assert not daemon.ended
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        assert not daemon.logged("Traceback")
    finally:
        daemon.close()
