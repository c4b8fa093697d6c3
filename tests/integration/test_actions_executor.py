from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from integration.broker import Mosquitto, Witness, eventually, free_port
from integration.hub import Hub
from integration.makers import serving

from edge.actions.executor import ActionExecutor, retry_pause
from edge.actions.plan import CommandRequest, HttpRequest, MqttRequest, PlannedAction, Request, UdpRequest
from edge.actions.transports import ActionError, CommandTransport
from edge.config.models import ActionsConfig


def nowhere(topic: str, payload: bytes, *, qos: int) -> bool:
    raise AssertionError("no message was meant to be sent")


class Acting:
    """An executor that hardly waits between attempts, with a counter of firings."""

    def __init__(self, publish: Any = nowhere, **fields: Any) -> None:
        config = ActionsConfig.model_validate({"rate": 100, **fields})
        self.executor = ActionExecutor(config, publish=publish, jitter=lambda: 0.0)
        self.firings = 0

    def __enter__(self) -> Acting:
        self.executor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.executor.stop()

    def fire(self, *requests: Request, target: str = "thing", **fields: Any) -> None:
        self.firings += 1
        now = time.monotonic()
        self.executor.submit(
            [PlannedAction("r", "then", target, request, self.firings, now, **fields) for request in requests]
        )

    def settle(self, within: float = 10.0) -> None:
        assert self.executor.drain(within)


class Web:
    """A real HTTP server that keeps what it was asked and answers as it is told."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.calls: list[tuple[str, str, dict[str, str], Any]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.hold = threading.Event()
        self.hold.set()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                web.calls.append((self.command, self.path, dict(self.headers), json.loads(body or b"null")))
                web.hold.wait(10)
                status, answer = web.answers.pop(0) if web.answers else (200, b"{}")
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = serving(Handler, context)
        self.port = self.server.server_port

    def request(self, path: str = "/hook", scheme: str = "http", **fields: Any) -> HttpRequest:
        body = fields.pop("body", b'{"emotion":"sad"}')
        return HttpRequest("POST", f"{scheme}://localhost:{self.port}{path}", {}, body, **fields)

    def close(self) -> None:
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path).start()
    yield running
    running.stop()


def test_messages_arrive_in_order_and_are_not_retained(broker: Mosquitto) -> None:
    hub = Hub(broker.port)
    hub.publisher.start()
    eventually(lambda: hub.publisher.connected)
    with Witness(broker.port, "lamp/#") as witness, Acting(hub.publisher.publish) as acting:
        acting.fire(*(MqttRequest("lamp/set", str(number).encode()) for number in range(20)))
        assert witness.wait_for("lamp/set", 20) == list(range(20))
        assert not any(message.retain for message in witness.messages)
    with Witness(broker.port, "lamp/#") as late:
        late.say("lamp/end")
        late.wait_for("lamp/end")
        assert late.on("lamp/set") == []
    hub.publisher.stop()


def test_a_flood_of_moods_reaches_the_lamp_slowly_and_ends_with_the_newest(broker: Mosquitto) -> None:
    hub = Hub(broker.port)
    hub.publisher.start()
    eventually(lambda: hub.publisher.connected)
    with Witness(broker.port, "lamp") as witness, Acting(hub.publisher.publish, rate=10) as acting:
        began = time.monotonic()
        for number in range(500):
            acting.fire(MqttRequest("lamp", str(number).encode()))
            time.sleep(0.001)
        acting.settle()
        took = time.monotonic() - began
        eventually(lambda: witness.payloads("lamp")[-1] == 499)
        sent = len(witness.on("lamp"))
        status = acting.executor.status()
    assert sent <= took * 10 + 2
    assert (status.done, status.superseded, status.dropped) == (sent, 500 - sent, 0)
    hub.publisher.stop()


def test_without_a_broker_the_message_is_tried_again_and_arrives_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    hub = Hub(port)
    hub.publisher.start()
    with Acting(hub.publisher.publish, retries=10) as acting:
        acting.fire(MqttRequest("lamp", b"on"))
        eventually(lambda: acting.executor.status().problems)
        assert acting.executor.status().problems == (
            "actions: mqtt lamp: no connection to the broker (rule r)",
        )
        broker = Mosquitto(tmp_path, port=port).start()
        with Witness(port, "lamp") as witness:
            assert witness.wait_for("lamp") == ["on"]
        acting.settle()
        assert acting.executor.status().problems == ()
    hub.publisher.stop()
    broker.stop()


def test_a_call_carries_body_and_token(web: Web, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    with Acting() as acting:
        acting.fire(web.request(bearer_file=token))
        acting.settle()
        assert acting.executor.status().done == 1
    [(method, path, headers, body)] = web.calls
    assert (method, path, body) == ("POST", "/hook", {"emotion": "sad"})
    assert headers["Authorization"] == "Bearer s3cret"


def test_a_token_comes_from_the_credentials_of_the_service(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home-assistant-token").write_text("from systemd")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with Acting() as acting:
        acting.fire(web.request(bearer_file=Path("home-assistant-token")))
        acting.settle()
    assert web.calls[0][2]["Authorization"] == "Bearer from systemd"


def test_a_server_in_trouble_is_tried_again_until_it_works(web: Web) -> None:
    web.answers = [(503, b""), (429, b"")]
    with Acting() as acting:
        acting.fire(web.request())
        acting.settle()
        status = acting.executor.status()
    assert (status.done, status.retried, status.failed, status.problems) == (1, 2, 0, ())
    assert len(web.calls) == 3


def test_attempts_are_bounded_and_the_failure_stays_visible_until_a_success(web: Web) -> None:
    web.answers = [(500, b"")] * 3
    with Acting(retries=2) as acting:
        acting.fire(web.request())
        acting.settle()
        status = acting.executor.status()
        assert (status.failed, status.retried, len(web.calls)) == (1, 2, 3)
        [problem] = status.problems
        assert problem == (
            f"actions: http POST http://localhost:{web.port}: answered 500 Internal Server Error (rule r)"
        )
        acting.fire(web.request())
        acting.settle()
        assert acting.executor.status().problems == ()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"", "answered 404 Not Found"),
        (401, b"", "answered 401 Unauthorized"),
        (307, b"", "redirects (307); write the final address"),
        (
            200,
            b'{"id":1,"jsonrpc":"2.0","error":{"code":-32603,"message":"Client not found"}}',
            "Client not found",
        ),
    ],
)
def test_what_cannot_get_better_is_not_tried_again(web: Web, status: int, body: bytes, reason: str) -> None:
    web.answers = [(status, body)]
    with Acting() as acting:
        acting.fire(web.request("/secret-webhook-id", body=b'{"jsonrpc":"2.0"}'))
        acting.settle()
        [problem] = acting.executor.status().problems
    assert reason in problem
    assert "secret" not in problem
    assert len(web.calls) == 1


def test_a_refused_connection_is_named() -> None:
    request = HttpRequest("POST", f"http://127.0.0.1:{free_port()}/x")
    with Acting(retries=0) as acting:
        acting.fire(request)
        acting.settle()
        assert "connection refused" in acting.executor.status().problems[0]


def test_a_hanging_server_delays_no_light(web: Web) -> None:
    web.hold.clear()
    sent: list[str] = []

    def publish(topic: str, payload: bytes, *, qos: int) -> bool:
        sent.append(topic)
        return True

    with Acting(publish, retries=0) as acting:
        acting.fire(web.request(timeout=5.0))
        eventually(lambda: web.calls)
        acting.fire(MqttRequest("lamp", b"on"), target="lamp")
        eventually(lambda: sent == ["lamp"], within=2.0)
        web.hold.set()


def test_a_slow_answer_is_given_up(web: Web) -> None:
    web.hold.clear()
    with Acting(retries=0) as acting:
        acting.fire(web.request(timeout=0.2))
        acting.settle()
        assert "no answer in time" in acting.executor.status().problems[0]


class Dripping:
    """A server that answers one byte at a time and never ends."""

    def __init__(self, start: bytes) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start = start
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                threading.Thread(target=self._drip, args=(client,), daemon=True).start()

    def _drip(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.sendall(self.start)
            while not self.ended.wait(0.05):
                client.sendall(b"a")

    def close(self) -> None:
        self.ended.set()
        self.socket.close()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_dripping_answer_is_given_up_at_the_deadline(start: bytes) -> None:
    server = Dripping(start)
    request = HttpRequest("POST", f"http://127.0.0.1:{server.port}/", {}, b'{"jsonrpc":"2.0"}', timeout=0.5)
    with Acting(retries=0) as acting:
        acting.fire(request)
        acting.settle(5.0)
        assert acting.executor.status().failed == 1
    server.close()


def test_a_call_that_is_no_rpc_is_done_when_it_is_accepted() -> None:
    server = Dripping(b"HTTP/1.1 200 OK\r\n\r\n")
    with Acting(retries=0) as acting:
        acting.fire(HttpRequest("POST", f"http://127.0.0.1:{server.port}/", {}, b"{}"))
        acting.settle(4.0)
        assert acting.executor.status().done == 1
    server.close()


def test_many_targets_that_hang_hold_up_no_other(web: Web, tmp_path: Path) -> None:
    hanging = socket.create_server(("127.0.0.1", 0), backlog=64)
    address = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
    done = tmp_path / "done"
    with Acting(retries=0, allow_commands=True) as acting:
        for number in range(30):
            acting.fire(HttpRequest("POST", address, {}, b"{}", timeout=30.0), target=f"call {number}")
        for number in range(8):
            acting.fire(CommandRequest(("/bin/sleep", "300"), timeout=300.0), target=f"program {number}")
        acting.fire(web.request(), target="good")
        acting.fire(CommandRequest(("/usr/bin/touch", str(done))), target="touch")
        eventually(lambda: web.calls and done.exists(), what="the good targets are served")
        eventually(lambda: acting.executor.status().done == 2)
    hanging.close()


def test_a_token_that_does_not_fit_into_a_header_is_a_failure_that_does_not_tell_it(
    web: Web, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("se\0cret\n")
    with Acting() as acting:
        acting.fire(web.request(bearer_file=token))
        acting.settle()
        [problem] = acting.executor.status().problems
    assert f"the first line of {token} is no token" in problem
    assert "cret" not in problem
    assert web.calls == []


def test_certificates_are_verified(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Web(context)
    with Acting(retries=0) as acting:
        acting.fire(server.request(scheme="https"))
        acting.settle()
        assert "certificate not trusted" in acting.executor.status().problems[0]
    with Acting(retries=0) as acting:
        acting.fire(server.request(scheme="https", ca=certificate))
        acting.fire(server.request(scheme="https", verify=False), target="careless")
        acting.settle()
        assert acting.executor.status().done == 2
        acting.fire(server.request(scheme="https", ca=tmp_path / "none.pem"))
        acting.settle()
        assert f"cannot use the certificates in {tmp_path}/none.pem" in acting.executor.status().problems[0]
    server.close()


def test_a_bridge_is_known_by_the_name_in_its_own_certificate(tmp_path: Path) -> None:
    """As a Hue bridge has it: self-signed, its id as common name, reached by its address."""
    name, other = "ecb5fafffe1234ab", "ecb5fafffe999999"
    certificate, key, secret = tmp_path / "bridge.pem", tmp_path / "bridge.key", tmp_path / "key"
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    out = ("-keyout", str(key), "-out", str(certificate), "-subj", f"/C=NL/O=Philips Hue/CN={name}")
    subprocess.run(["openssl", "req", "-x509", *new, *out], check=True, capture_output=True)
    secret.write_text("application-key\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Web(context)
    keys = {"hue-application-key": secret}
    with Acting(retries=0) as acting:
        acting.fire(server.request(scheme="https", ca=certificate, server_name=name, header_files=keys))
        acting.settle()
        assert acting.executor.status().problems == ()
        assert server.calls[0][2]["hue-application-key"] == "application-key"
        acting.fire(server.request(scheme="https", ca=certificate, server_name=other))
        acting.settle()
        assert "certificate not trusted" in acting.executor.status().problems[0]
    server.close()


def test_a_datagram_is_sent_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lamp, Acting() as acting:
        lamp.bind(("127.0.0.1", 0))
        lamp.settimeout(10)
        acting.fire(UdpRequest("127.0.0.1", lamp.getsockname()[1], b'{"msg":{}}'))
        assert lamp.recv(100) == b'{"msg":{}}'
        acting.settle()
        assert acting.executor.status().done == 1


def test_a_program_gets_its_arguments_and_a_bare_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    out = tmp_path / "out"
    script = (
        f'import os,sys; open({str(out)!r},"w").write(repr((sys.argv[1:], sorted(os.environ), os.getcwd())))'
    )
    with Acting(allow_commands=True) as acting:
        acting.fire(CommandRequest(("/usr/bin/env", "python3", "-c", script, "happy; rm -rf /", "$HOME")))
        acting.settle()
        assert acting.executor.status().problems == ()
    arguments, environment, folder = eval(out.read_text())
    assert arguments == ["happy; rm -rf /", "$HOME"]
    assert set(environment) <= {"PATH", "LANG", "LC_CTYPE"}
    assert folder == "/"


def test_programs_are_off_unless_allowed(tmp_path: Path) -> None:
    with Acting() as acting:
        acting.fire(CommandRequest(("/usr/bin/touch", str(tmp_path / "made"))))
        acting.settle()
        assert "commands are switched off; set actions.allow_commands" in acting.executor.status().problems[0]
    assert not (tmp_path / "made").exists()


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 300 & echo $$ $! > {pids}; wait; sleep 300"
    with Acting(allow_commands=True) as acting:
        acting.fire(CommandRequest(("/bin/sh", "-c", script), timeout=0.5))
        acting.settle()
        assert "ended after 0.5 s" in acting.executor.status().problems[0]
    for pid in pids.read_text().split():
        eventually(_gone(pid), what=f"process {pid} ends")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [(("/bin/false",), "exit status 1"), (("/no/such/program",), "No such file or directory")],
)
def test_a_program_that_fails_is_named(argv: tuple[str, ...], reason: str) -> None:
    with Acting(allow_commands=True, retries=0) as acting:
        acting.fire(CommandRequest(argv))
        acting.settle()
        assert acting.executor.status().problems == (f"actions: command {argv[0]}: {reason} (rule r)",)


def test_stopping_ends_a_running_program_at_once(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    acting = Acting(allow_commands=True)
    acting.executor.start()
    acting.fire(CommandRequest(("/bin/sh", "-c", f"echo $$ > {pids}; exec sleep 300"), timeout=300))
    eventually(lambda: pids.exists() and pids.read_text().strip())
    acting.executor.stop()
    eventually(_gone(pids.read_text().strip()))
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("actions")]


def test_when_one_action_of_a_firing_fails_for_good_the_rest_is_left_and_the_next_firing_is_not(
    web: Web,
) -> None:
    web.answers += [(400, b"{}")]
    with Acting() as acting:
        acting.fire(web.request("/on"), web.request("/colour"), web.request("/sound"))
        acting.settle()
        assert [path for _, path, _, _ in web.calls] == ["/on"]
        assert (acting.executor.status().failed, acting.executor.status().dropped) == (1, 2)
        acting.fire(web.request("/off"))
        acting.settle()
        assert [path for _, path, _, _ in web.calls] == ["/on", "/off"]


def test_switched_off_nothing_is_done_and_what_waits_is_forgotten(web: Web) -> None:
    with Acting(rate=1) as acting:
        acting.fire(web.request())
        eventually(lambda: acting.executor.status().done)
        acting.fire(web.request())
        acting.executor.set_enabled(False)
        acting.fire(web.request())
        acting.settle()
        assert not acting.executor.status().enabled
        acting.executor.set_enabled(True)
        acting.fire(web.request(), target="other")
        acting.settle()
    assert len(web.calls) == 2


def test_what_waited_too_long_is_dropped_and_counted() -> None:
    with Acting() as acting:
        old = PlannedAction("r", "then", "lamp", MqttRequest("lamp", b"on"), 1, time.monotonic() - 60.0)
        acting.executor.submit([old])
        acting.settle()
        assert (acting.executor.status().expired, acting.executor.status().done) == (1, 0)


def test_an_idle_executor_costs_nothing() -> None:
    with Acting(lambda *_args, **_named: True) as acting:
        acting.fire(MqttRequest("lamp", b"on"))
        acting.settle()
        before, began = time.process_time(), time.monotonic()
        time.sleep(0.3)
        assert time.process_time() - before < (time.monotonic() - began) / 3


def test_pauses_double_up_to_a_bound() -> None:
    def delays(jitter: Callable[[], float]) -> list[float]:
        return [retry_pause(attempt, jitter) for attempt in range(7)]

    assert delays(lambda: 1.0) == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert delays(lambda: 0.0) == [half / 2 for half in delays(lambda: 1.0)]


def _gone(pid: str) -> Callable[[], bool]:
    return lambda: not Path(f"/proc/{pid}/stat").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text()


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("openssl is not installed: apt-get install openssl")
    return certificate, key


def test_a_program_that_starts_while_everything_is_stopped_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    transport = CommandTransport(allowed=True)
    transport.stop()
    with pytest.raises(ActionError):
        transport.send(CommandRequest(("/bin/sh", "-c", f"echo $$ > {pid}; exec sleep 300"), timeout=300))
    assert not pid.exists() or _gone(pid.read_text().strip())()
