"""What goes wrong around a connection leaves nothing behind: no lie, no leak, no dead thread."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from integration.broker import AdjustableClock, Mosquitto, Witness, eventually, free_port
from integration.hub import Hub
from integration.process import DaemonProcess

from edge.publish.commands import Command
from edge.publish.connection_report import OUTAGE_GRACE
from edge.publish.mqtt.client import ReconnectingClient
from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.mqtt.paho_client import LARGEST_PACKET
from edge.publish.presence import ECHO_WITHIN
from edge.samples import sample_clip

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]
BASE = "emotion-edge/hall"
CONNACK_5 = b"\x20\x03\x00\x00\x00"
CONNACK_3 = b"\x20\x02\x00\x00"
AT_ONCE = ReconnectDelays(least=0.001, most=0.001, slow_least=0.01, slow_most=0.01)


def test_a_retained_message_that_found_no_place_is_sent_later(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/camera")
    one = hub(mosquitto.port).start().wait()
    one.publisher.set_switch("camera", True)
    seen.wait_for("/camera")
    os.kill(mosquitto.pid, signal.SIGSTOP)
    try:
        while not refused(one):
            pass
    finally:
        os.kill(mosquitto.pid, signal.SIGCONT)
    eventually(lambda: seen.payloads("/camera")[-1] == "OFF")
    late = witness(mosquitto.port, f"{BASE}/camera")
    late.wait_for("/camera")
    assert late.payloads("/camera") == ["OFF"]
    assert one.publisher.reconnects == 0


def refused(one: Hub) -> bool:
    """Whether neither position of the switch found a place; the socket may take another packet in between."""
    while one.publisher.publish("lamps/hall", b"x"):
        pass
    return not one.publisher.set_switch("camera", True) and not one.publisher.set_switch("camera", False)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("name", ["identify", "scores", "doctor"])
def test_a_request_with_half_a_character_is_refused_and_cuts_nothing(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness, protocol: str, name: str
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/response/#")
    one = hub(mosquitto.port, protocol=protocol).start().wait()
    seen.say(f"{BASE}/request/{name}", '{"transaction":"\\ud800"}')
    assert seen.wait_for(f"/{name}")[0]["status"] == "error"
    assert one.publisher.reconnects == 0
    assert not one.commands


def test_a_fault_in_a_handler_costs_one_message(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    taken: list[str] = []

    def take(command: Command) -> None:
        taken.append(command.name)
        if command.name == "camera":
            raise ValueError("a fault")

    remote = witness(mosquitto.port)
    one = hub(mosquitto.port, on_command=take).start().wait()
    remote.say(f"{BASE}/camera/set", "OFF")
    remote.say(f"{BASE}/microphone/set", "OFF")
    eventually(lambda: taken == ["camera", "microphone"])
    assert one.publisher.reconnects == 0


class Faker:
    """No broker misbehaves like this on request: it lets everybody in, sends what it is told, hangs up."""

    def __init__(self, after: Callable[[socket.socket], None], connack: bytes = CONNACK_5) -> None:
        self.visits = 0
        self._after, self._connack = after, connack
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, name="faker", daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(4096)
                    connection.sendall(self._connack)
                    self._after(connection)
                except OSError:
                    pass
            self.visits += 1


@pytest.fixture
def faker(request: pytest.FixtureRequest) -> Callable[..., Faker]:
    """Makes fakers and closes them."""

    def make(after: Callable[[socket.socket], None], connack: bytes = CONNACK_5) -> Faker:
        made = Faker(after, connack)
        request.addfinalizer(made.close)
        return made

    return make


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_descriptors_and_threads_stay_flat_over_a_hundred_reconnects(
    faker: Callable[..., Faker], hub: MakeHub
) -> None:
    broker = faker(lambda _connection: None)
    hub(broker.port, protocol="5", delays=AT_ONCE).start()
    eventually(lambda: broker.visits >= 5)
    before, threads = descriptors(), threading.active_count()
    most = 0
    while broker.visits < 105:
        most = max(most, descriptors() - before)
        eventually(lambda seen=broker.visits: broker.visits > seen)  # type: ignore[misc]
    assert most <= 8
    assert threading.active_count() <= threads + 2


OVERSIZED = """
import resource, sys
sys.path.insert(0, "tests")
from integration.broker import eventually
from integration.hub import Hub
one = Hub(int(sys.argv[1]), protocol=sys.argv[2]).start()
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = most()
eventually(lambda: "too large" in (one.publisher.status()["trouble"] or ""), what=str(one.publisher.status()))
print(most() - before)
one.stop()
"""


@pytest.mark.parametrize(("protocol", "connack"), [("5", CONNACK_5), ("3.1.1", CONNACK_3)])
def test_an_oversized_packet_costs_little_memory(
    faker: Callable[..., Faker], protocol: str, connack: bytes
) -> None:
    def send(connection: socket.socket) -> None:
        topic = f"{BASE}/camera/set".encode()
        connection.sendall(b"\x30" + b"\xff\xff\xff\x2f" + len(topic).to_bytes(2, "big") + topic)
        for _ in range(100):
            connection.sendall(b"x" * 1_000_000)

    broker = faker(send, connack)
    script = [sys.executable, "-c", OVERSIZED, str(broker.port), protocol]
    found = subprocess.run(script, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert float(found.stdout) < 20.0


def test_our_largest_packet_is_announced(mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness) -> None:
    remote = witness(mosquitto.port)
    one = hub(mosquitto.port, protocol="5").start().wait()
    remote.say(f"{BASE}/camera/set", "x" * (LARGEST_PACKET + 1))
    remote.say(f"{BASE}/camera/set", "OFF")
    eventually(lambda: one.commands)
    assert one.publisher.reconnects == 0


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """A process that has used up its descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_used_up_descriptors_are_survived_and_named(mosquitto: Mosquitto, hub: MakeHub) -> None:
    one = hub(mosquitto.port)
    with no_descriptors_left():
        one.start()
        eventually(lambda: "limits of this process" in (one.publisher.status()["trouble"] or ""))
    assert "Too many open files" in one.publisher.status()["trouble"]
    one.wait()


def test_a_thread_that_cannot_be_started_is_tried_again(
    mosquitto: Mosquitto, hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    one = hub(mosquitto.port)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", exhausted)
        one.publisher.start()
        one.publisher.tick()
        assert "lets no further thread start" in str(one.publisher.status()["problems"])
    _revived(one)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_has_died_is_started_again(
    mosquitto: Mosquitto, hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_client: ReconnectingClient) -> float:
        raise SystemExit

    one = hub(mosquitto.port)
    with monkeypatch.context() as patch:
        patch.setattr(ReconnectingClient, "_attempt", die)
        one.start()
        eventually(lambda: not any(thread.name == "mqtt" for thread in threading.enumerate()))
    _revived(one)


def _revived(one: Hub) -> None:
    def connected() -> bool:
        one.publisher.tick()
        return bool(one.publisher.connected)

    eventually(connected)


def test_the_thread_shows_that_it_lives(mosquitto: Mosquitto, hub: MakeHub) -> None:
    beats: list[int] = []
    one = hub(mosquitto.port, beat=lambda: beats.append(1)).start().wait()
    eventually(lambda: len(beats) >= 2)
    one.stop()


def test_an_outage_is_a_problem_after_a_grace(hub: MakeHub) -> None:
    clock = AdjustableClock()
    port = free_port()
    one = hub(port, monotonic=clock).start()
    eventually(lambda: "no broker" in (one.publisher.status()["trouble"] or ""))
    assert one.publisher.status()["problems"] == []
    clock.ahead += OUTAGE_GRACE + 1.0
    (problem,) = one.publisher.status()["problems"]
    assert f"mqtt: no broker at 127.0.0.1:{port}" in problem


DEAF = """
user hall
topic write emotion-edge/hall/#
topic write homeassistant/#
"""


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_that_lets_us_hear_nothing_leaves_a_sign(
    tmp_path: Path, hub: MakeHub, protocol: str
) -> None:
    passwords, access = tmp_path / "passwords", tmp_path / "access"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(passwords), "hall", "secret"], check=True)
    access.write_text(DEAF)
    access.chmod(0o600)
    broker = Mosquitto(tmp_path, f"password_file {passwords}", f"acl_file {access}", anonymous=False).start()
    clock = AdjustableClock()
    try:
        one = (
            hub(broker.port, username="hall", password="secret", protocol=protocol, monotonic=clock)
            .start()
            .wait()
        )
        assert one.publisher.problems() == []
        clock.ahead += ECHO_WITHIN + 1.0
        (problem,) = one.publisher.problems()
        assert f"does not deliver {BASE}/request/identify" in problem
        assert f"read {BASE}/camera/set, {BASE}/microphone/set" in problem
        assert "homeassistant/device/emotion_edge_hall/config" in problem
    finally:
        broker.stop()


def test_a_broker_that_lets_us_hear_leaves_none(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    clock = AdjustableClock()
    seen = witness(mosquitto.port, f"{BASE}/request/identify")
    one = hub(mosquitto.port, monotonic=clock).start().wait()
    seen.wait_for("/identify")
    clock.ahead += ECHO_WITHIN + 1.0
    eventually(lambda: one.publisher.problems() == [])


def test_metrics_count_a_broker_that_never_answers(tmp_path: Path) -> None:
    metrics = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {
            "device__id": "attic",
            "camera__source": sample_clip(),
            "microphone__enabled": "false",
            "mqtt__host": "127.0.0.1",
            "mqtt__port": silent.getsockname()[1],
            "metrics__enabled": "true",
            "metrics__port": metrics,
        }
        daemon = DaemonProcess(tmp_path, settings).start()
        try:
            daemon.ready()

            def scraped() -> str:
                with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=5) as answer:
                    return str(answer.read().decode())

            eventually(lambda: 'emotion_edge_problem{thing="mqtt"} 1.0' in scraped(), within=20.0)
            assert "emotion_edge_mqtt_connected 0.0" in scraped()
        finally:
            daemon.close()
