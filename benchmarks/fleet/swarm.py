"""Many virtual hubs in one process: real MQTT clients on one selector, without a thread each."""

from __future__ import annotations

import heapq
import random
import selectors
import time
from dataclasses import dataclass, field
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from benchmarks.fleet.virtual_hub import Behaviour, VirtualHub
from edge.errors import EdgeError
from edge.publish.mqtt.message import Message

__all__ = ["CONNECTS_PER_SECOND", "STAMP", "HubRange", "Swarm", "SwarmCounts", "swarm_process"]

CONNECTS_PER_SECOND: Final = 400
_UPKEEP: Final = 10.0
_TURN: Final = 0.1
STAMP: Final = "sent"
"""Name of the MQTT 5 user property with the monotonic moment of publishing, as text."""


@dataclass(frozen=True, slots=True)
class HubRange:
    """What one process simulates: hubs `first` up to but not including `last`, for so many seconds."""

    host: str
    port: int
    first: int
    last: int
    behaviour: Behaviour
    seed: int = 1


@dataclass(slots=True)
class SwarmCounts:
    """What one process has sent; `connect_s` is the time until the last hub was connected."""

    connected: int = 0
    refused: int = 0
    lost_connections: int = 0
    connect_s: float = 0.0
    sent: dict[str, int] = field(default_factory=dict)


class Swarm:
    """Connects its hubs at a bounded rate, lets them speak, and counts what they said."""

    def __init__(self, hubs: HubRange) -> None:
        self._range = hubs
        self._selector = selectors.DefaultSelector()
        self._clients: dict[int, Client] = {}
        self._hubs = {
            number: VirtualHub(number, hubs.behaviour, random.Random(hubs.seed * 1_000_003 + number))  # noqa: S311
            for number in range(hubs.first, hubs.last)
        }
        self._schedule: list[tuple[float, int]] = []
        self._turns = cycle(self._hubs)
        self._kept_alive_at = time.monotonic()
        self._counting = False
        self.counts = SwarmCounts()

    def connect(self) -> None:
        """Connect all hubs; returns when each is connected or refused."""
        began = time.monotonic()
        for index, number in enumerate(self._hubs):
            self._open(number)
            self._serve(until=began + (index + 1) / CONNECTS_PER_SECOND)
            self._keep_alive(time.monotonic())
        deadline = time.monotonic() + 30.0
        while self._answered < len(self._hubs) and time.monotonic() < deadline:
            self._serve(until=time.monotonic() + 0.05)
            self._keep_alive(time.monotonic())
        self.counts.connect_s = time.monotonic() - began

    def idle(self, until: float) -> None:
        """Keep the connections alive and let the hubs speak, uncounted."""
        self._counting = False
        self._run(until)

    def measure(self, seconds: float) -> SwarmCounts:
        """Let the hubs speak for so long, counting."""
        self._counting = True
        self._run(time.monotonic() + seconds)
        self._counting = False
        self._serve(until=time.monotonic() + 0.5)
        return self.counts

    def close(self) -> None:
        """Disconnect all."""
        for client in self._clients.values():
            client.disconnect()

    @property
    def _answered(self) -> int:
        return self.counts.connected + self.counts.refused

    def _run(self, until: float) -> None:
        while (now := time.monotonic()) < until:
            while self._schedule and self._schedule[0][0] <= now:
                _, number = heapq.heappop(self._schedule)
                self._publish_due(number, now)
            self._keep_alive(now)
            next_at = self._schedule[0][0] if self._schedule else until
            self._serve(until=min(until, next_at, now + _TURN))

    def _keep_alive(self, now: float) -> None:
        """A few clients at each turn, so that no turn is long."""
        due = int(len(self._hubs) * (now - self._kept_alive_at) / _UPKEEP)
        if due == 0:
            return
        self._kept_alive_at = now
        for number in list(islice(self._turns, min(due, len(self._hubs)))):
            if number in self._clients:
                self._clients[number].loop_misc()

    def _publish_due(self, number: int, now: float) -> None:
        hub, client = self._hubs[number], self._clients[number]
        for message in hub.due_messages(now, time.time()):
            self._publish(client, message)
        heapq.heappush(self._schedule, (hub.next_at, number))

    def _publish(self, client: Client, message: Message) -> None:
        properties = message.properties()
        properties.UserProperty = [("schema", "1"), (STAMP, repr(time.monotonic()) if self._counting else "")]
        info = client.publish(message.topic, message.payload, message.qos, message.retain, properties)
        if self._counting and info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            kind = message.topic.rsplit("/", 1)[-1]
            self.counts.sent[kind] = self.counts.sent.get(kind, 0) + 1

    def _open(self, number: int) -> None:
        hub = self._hubs[number]
        client = Client(
            CallbackAPIVersion.VERSION2,
            f"bench-{number}",
            protocol=MQTTProtocolVersion.MQTTv5,
            userdata=number,
        )
        will = hub.will()
        client.will_set(will.topic, will.payload, will.qos, will.retain)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.connect(self._range.host, self._range.port, keepalive=60, bind_address=_source(number))
        self._clients[number] = client
        connection = client.socket()
        if connection is None:
            raise EdgeError(f"no connection to {self._range.host}:{self._range.port}")
        self._selector.register(connection.fileno(), selectors.EVENT_READ, client)

    def _on_connect(
        self, client: Client, number: int, _flags: object, code: object, _properties: object
    ) -> None:
        if getattr(code, "is_failure", False):
            self.counts.refused += 1
            return
        self.counts.connected += 1
        hub = self._hubs[number]
        client.subscribe([(one.filter, int(one.qos)) for one in hub.topics.subscriptions()])
        now = time.monotonic()
        for message in hub.birth_messages(now, time.time()):
            self._publish(client, message)
        heapq.heappush(self._schedule, (hub.next_at, number))

    def _on_disconnect(self, *_: object) -> None:
        self.counts.lost_connections += 1

    def _serve(self, until: float) -> None:
        while True:
            events = self._selector.select(max(0.0, until - time.monotonic()))
            for key, _ in events:
                self._read(key)
            if time.monotonic() >= until:
                return

    def _read(self, key: selectors.SelectorKey) -> None:
        client: Client = key.data
        if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._selector.unregister(key.fileobj)
            return
        if client.want_write():
            client.loop_write()


def swarm_process(hubs: HubRange, seconds: float, pipe: Connection) -> None:
    """Body of a worker: connect, report, wait for the word, measure, report, close."""
    swarm = Swarm(hubs)
    swarm.connect()
    pipe.send(swarm.counts)
    while not pipe.poll():
        swarm.idle(time.monotonic() + 0.2)
    pipe.recv()
    pipe.send(swarm.measure(seconds))
    pipe.recv()
    swarm.close()


def _source(number: int) -> str:
    """A loopback address of its own for every 20,000 hubs, because ports run out."""
    return f"127.0.1.{number // 20_000 + 1}"
