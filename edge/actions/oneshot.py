"""Publishes a few messages and leaves: for commands that run beside the daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.actions.transports import Publish
from edge.config.models import MqttConfig
from edge.config.tls import tls_context
from edge.errors import EdgeError


@contextmanager
def broker(config: MqttConfig, password: str | None, timeout: float = 5.0) -> Iterator[Publish]:
    """A publish function on a connection of its own, acknowledged; EdgeError if the broker refuses."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(config.username, password)
    context = tls_context(config.tls)
    if context is not None:
        client.tls_set_context(context)
    _connect(client, config, timeout)
    try:
        yield _publisher(client, timeout)
    finally:
        client.disconnect()
        client.loop_stop()


def _connect(client: Client, config: MqttConfig, timeout: float) -> None:
    answered, refusals = threading.Event(), list[str]()

    def on_connect(_client: Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.is_failure:
            refusals.append(str(code).lower())
        answered.set()

    client.on_connect = on_connect
    place = f"{config.host}:{config.port}"
    try:
        client.connect(config.host, config.port, keepalive=30)
    except (OSError, ValueError) as error:
        raise EdgeError(f"no broker at {place}: {error}; see mqtt.host and mqtt.port") from error
    client.loop_start()
    answered.wait(timeout)
    if refusals or not client.is_connected():
        client.loop_stop()
        raise EdgeError(
            f"the broker at {place} {'refused: ' + refusals[0] if refusals else 'does not answer'}"
        )


def _publisher(client: Client, timeout: float) -> Callable[..., bool]:
    def publish(topic: str, payload: bytes, *, qos: int) -> bool:
        sent = client.publish(topic, payload, qos=qos, retain=False)
        sent.wait_for_publish(timeout)
        return sent.is_published()

    return publish
