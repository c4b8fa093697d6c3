"""A real mosquitto for tests, and an independent client that records what it sees."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PATIENCE = float(os.environ.get("EMOTION_EDGE_TEST_PATIENCE", "4"))
MISSING = "mosquitto is not installed: apt-get install mosquitto"


def free_port() -> int:
    """A TCP port that nobody uses, below those that the kernel hands out to others meanwhile."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def eventually(condition: Callable[[], object], *, within: float = 10.0, what: str = "") -> None:
    """Wait until a condition of the outside world holds.

    `within` are seconds on an idle machine; a busy one is given several times as many.
    """
    deadline = time.monotonic() + within * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {within * PATIENCE:g} s: {what or condition}"
        time.sleep(0.01)


class AdjustableClock:
    """The monotonic clock, which a test may move on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead


class Mosquitto:
    """A broker on a free port of the loopback; `settings` are lines of mosquitto.conf."""

    def __init__(
        self,
        folder: Path,
        *settings: str,
        port: int | None = None,
        anonymous: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.skip(MISSING)
        self.host = host
        self.port = port or free_port()
        self._program = program
        self._file = folder / f"mosquitto-{self.port}.conf"
        allow = "true" if anonymous else "false"
        lines = [f"listener {self.port} {self.host}", f"allow_anonymous {allow}", "user root", *settings]
        self._file.write_text("\n".join(lines) + "\n")
        self._log = folder / f"mosquitto-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        """What the broker has said so far."""
        return self._log.read_text() if self._log.exists() else ""

    def start(self) -> Mosquitto:
        """Start and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-v", "-c", str(self._file)], stdout=log, stderr=log
            )
        eventually(self._listens, what=f"mosquitto listens; its log: {self.log()}")
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def _listens(self) -> bool:
        assert self._process is None or self._process.poll() is None, self.log()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            return probe.connect_ex((self.host, self.port)) == 0


class Witness:
    """An independent client that subscribes and keeps every message with its time of arrival."""

    def __init__(
        self,
        port: int,
        *topics: str,
        version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
        user: tuple[str, str] | None = None,
        configure: Callable[[Client], None] = lambda _client: None,
        retain_as_published: bool = True,
    ) -> None:
        self.messages: list[MQTTMessage] = []
        self._ready = threading.Event()
        self._topics = topics
        self._modern = version == MQTTProtocolVersion.MQTTv5
        self._rap = retain_as_published
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=version)
        if user:
            self.client.username_pw_set(*user)
        configure(self.client)
        self.client.on_connect = lambda *_: self._subscribe() if topics else self._ready.set()
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = lambda _client, _data, message: self.messages.append(message)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(10), "the witness is not connected"

    def __enter__(self) -> Witness:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect and end its thread."""
        self.client.disconnect()
        self.client.loop_stop()

    def _subscribe(self) -> None:
        if self._modern:
            options = SubscribeOptions(qos=1, retainAsPublished=self._rap)
            self.client.subscribe([(topic, options) for topic in self._topics])
        else:
            self.client.subscribe([(topic, 1) for topic in self._topics])

    def say(
        self,
        topic: str,
        payload: str = "",
        *,
        retain: bool = False,
        properties: Properties | None = None,
        qos: int = 1,
    ) -> None:
        """Publish and wait for the broker's acknowledgement."""
        eventually(self.client.is_connected, what="the witness is connected")
        self.client.publish(topic, payload, qos, retain, properties).wait_for_publish(5)

    def on(self, topic: str) -> list[MQTTMessage]:
        """Messages whose topic ends like this, in order of arrival."""
        return [message for message in list(self.messages) if message.topic.endswith(topic)]

    def settle(self) -> None:
        """Wait until everything that the broker had for this client by now is here."""
        mark = f"settled/{uuid.uuid4()}"
        self.client.subscribe(mark)
        self.say(mark)
        eventually(lambda: self.on(mark), what="the broker sends the mark back")
        self.messages[:] = [message for message in self.messages if message.topic != mark]

    def payloads(self, topic: str) -> list[Any]:
        """Their payloads: parsed JSON, or text where it is none."""
        return [_parse(message.payload) for message in self.on(topic)]

    def wait_for(self, topic: str, count: int = 1, *, within: float = 10.0) -> list[Any]:
        """Wait for so many messages on a topic; their payloads."""
        eventually(
            lambda: len(self.on(topic)) >= count,
            within=within,
            what=f"{count} on …{topic}; seen: {[(m.topic, m.payload[:80]) for m in self.messages]}",
        )
        return self.payloads(topic)


def _parse(payload: bytes | bytearray) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode()
