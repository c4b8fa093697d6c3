"""What a flood does to a daemon: how fast it is switched meanwhile and after, and what is left behind."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.fleet.mosquitto import Broker, mosquitto
from benchmarks.flood.daemon import FloodedDaemon, flooded_daemon
from benchmarks.flood.sender import Flood, flood_process
from edge.errors import EdgeError

__all__ = ["FloodReport", "measure"]

_PATIENCE: Final = 60.0
_BETWEEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class FloodReport:
    """Seconds, but for the counts: the slowest of each kind, from the wish to the retained answer."""

    rate: int
    seconds: float
    qos: int
    sent: int
    answered: int
    switches_by_socket: int
    socket_slowest_s: float
    switches_by_mqtt: int
    mqtt_slowest_s: float
    mqtt_after_s: float
    retained_true: bool
    reconnects: int
    stop_s: float
    daemon_cpu_share: float


class Observer:
    """Another client: it switches the camera over MQTT and sees what is said of it."""

    def __init__(self, broker: Broker, base: str) -> None:
        self.camera: str | None = None
        self.answers = 0
        self.reconnects = 0
        self._base = base
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._see
        self._client.connect(broker.host, broker.port)
        self._client.subscribe([(f"{base}/camera", 1), (f"{base}/response/+", 0), (f"{base}/health", 0)])
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def switch(self, word: str) -> None:
        """Ask for it over MQTT."""
        self._client.publish(f"{self._base}/camera/set", word, 1)

    def _see(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.topic.endswith("/camera"):
            self.camera = message.payload.decode()
        elif message.topic.endswith("/health"):
            self.reconnects = json.loads(message.payload)["mqtt"]["reconnects"]
        else:
            self.answers += 1


def measure(flood: Flood) -> FloodReport:
    """Start a broker with its own defaults and a daemon, flood it, measure. `flood` names no place yet."""
    with (
        tempfile.TemporaryDirectory(prefix="emotion-edge-flood-") as folder,
        mosquitto(("allow_anonymous true",)) as broker,
        flooded_daemon(Path(folder), broker.port) as daemon,
    ):
        observer = Observer(broker, daemon.base)
        placed = replace(flood, host=broker.host, port=broker.port, topic=f"{daemon.base}/{flood.topic}")
        try:
            _wait(lambda: observer.camera == "ON", "the daemon's camera opens")
            return _flooded(placed, broker, daemon, observer)
        finally:
            observer.close()


def _flooded(flood: Flood, broker: Broker, daemon: FloodedDaemon, observer: Observer) -> FloodReport:
    socket_times: list[float] = []
    mqtt_times: list[float] = []
    cpu, began = daemon.cpu_seconds(), time.monotonic()
    with _running(flood) as sent:
        while time.monotonic() - began < flood.seconds - 1.0:
            socket_times += [_timed(daemon.privacy, word, observer) for word in ("OFF", "ON")]
            mqtt_times += [_timed(observer.switch, word, observer) for word in ("OFF", "ON")]
    share = (daemon.cpu_seconds() - cpu) / (time.monotonic() - began)
    after = _timed(observer.switch, "OFF", observer)
    time.sleep(2.0)
    late = Observer(broker, daemon.base)
    _wait(lambda: late.camera is not None, "a retained camera")
    truth = (late.camera == "ON") == daemon.camera_open()
    late.close()
    with _running(replace(flood, seconds=3.0)):
        time.sleep(1.0)
        stop = daemon.stop()
    return FloodReport(
        rate=flood.rate,
        seconds=flood.seconds,
        qos=flood.qos,
        sent=sent[0],
        answered=observer.answers,
        switches_by_socket=len(socket_times),
        socket_slowest_s=round(max(socket_times), 3),
        switches_by_mqtt=len(mqtt_times),
        mqtt_slowest_s=round(max(mqtt_times), 3),
        mqtt_after_s=round(after, 3),
        retained_true=truth,
        reconnects=observer.reconnects,
        stop_s=round(stop, 3),
        daemon_cpu_share=round(share, 2),
    )


@contextmanager
def _running(flood: Flood) -> Iterator[list[int]]:
    """A flood beside the block; when it is over, the list holds how many messages went out."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=flood_process, args=(flood, there), daemon=True)
    process.start()
    here.recv()
    sent: list[int] = []
    here.send("go")
    here.recv()
    yield sent
    sent.append(here.recv())
    process.join()


def _timed(switch: Callable[[str], None], word: str, observer: Observer) -> float:
    """Seconds until the broker tells what was asked for."""
    began = time.monotonic()
    switch(word)
    _wait(lambda: observer.camera == word, f"the camera is {word}")
    took = time.monotonic() - began
    time.sleep(_BETWEEN)
    return took


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise EdgeError(f"not within {_PATIENCE:g} s: {what}")
        time.sleep(0.002)
