"""The other side of a fleet: one subscriber that receives everything and notes how old it is."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.fleet.swarm import STAMP

__all__ = ["TOPICS", "Received", "collector_process"]

TOPICS = ("state", "event", "health", "availability")


@dataclass(slots=True)
class Received:
    """Counts by kind, and the ages in seconds of all stamped messages."""

    counts: Counter[str] = field(default_factory=Counter)
    ages: list[float] = field(default_factory=list)

    def percentiles_ms(self) -> dict[str, float]:
        """p50, p95, p99 and the largest age in milliseconds; zeros without messages."""
        if not self.ages:
            return {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
        p50, p95, p99, top = np.percentile(np.array(self.ages) * 1000.0, [50, 95, 99, 100])
        return {
            name: round(float(value), 2)
            for name, value in zip(("p50", "p95", "p99", "max"), (p50, p95, p99, top), strict=True)
        }


def collector_process(host: str, port: int, prefix: str, pipe: Connection) -> None:
    """Body of the collecting process: subscribe, say so, collect until told, send what was collected."""
    received = Received()

    def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
        properties = dict(getattr(message.properties, "UserProperty", None) or ())
        if stamp := properties.get(STAMP):
            received.ages.append(time.monotonic() - float(stamp))
            received.counts[message.topic.rsplit("/", 1)[-1]] += 1

    client = Client(CallbackAPIVersion.VERSION2, "bench-collector", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_subscribe = lambda *_: pipe.send("subscribed")
    client.on_message = on_message
    client.connect(host, port)
    client.subscribe([(f"{prefix}/+/{topic}", 1) for topic in TOPICS])
    client.loop_start()
    pipe.recv()
    client.disconnect()
    client.loop_stop()
    pipe.send(received)
