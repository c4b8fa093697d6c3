"""Metrics over HTTP: the server alone, and the daemon as a process that is scraped."""

from __future__ import annotations

import signal
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.broker import eventually, free_port
from integration.process import DaemonProcess
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from edge.config.models import MetricsConfig
from edge.kiosk.metrics_server import MetricsServer
from edge.samples import sample_clip

Serve = Callable[..., MetricsServer]


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
    made: list[MetricsServer] = []

    def make(port: int, host: str = "127.0.0.1") -> MetricsServer:
        registry = CollectorRegistry()
        Gauge("answer", "of everything", registry=registry).set(42)
        made.append(MetricsServer(MetricsConfig(enabled=True, host=host, port=port), registry, again=0.05))
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


def test_a_client_that_says_nothing_delays_others_only_a_few_seconds(serve: Serve) -> None:
    port = free_port()
    serve(port)
    eventually(lambda: answers(port))
    with socket.create_connection(("127.0.0.1", port)):
        eventually(lambda: answers(port), within=15, what="the silent client is sent away")


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
        found = values(first)
        assert found["frames_total"] > 0
        assert found["device_open:camera"] == found["device_open:microphone"] == 1
        assert sum(value for name, value in found.items() if name.startswith("mood:")) == 1
        assert found["stage_info:onnx,face,face"] == 1
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
