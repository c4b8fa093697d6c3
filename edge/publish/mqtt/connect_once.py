"""A short connection to the broker, for the command line: it succeeds now or says why not."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paho.mqtt.client import MQTTMessage

from edge.config.models import MqttConfig
from edge.config.tls import tls_context
from edge.errors import EdgeError
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.disconnect import Cause, Disconnect, explain
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.versions import VERSIONS

__all__ = ["ANSWER_TIMEOUT", "connect_once"]

ANSWER_TIMEOUT = 5.0


@contextmanager
def connect_once(
    config: MqttConfig,
    *,
    password: str | None,
    on_message: Callable[[MQTTMessage], None] = lambda _message: None,
    on_denied: Callable[[str], None] = lambda _what: None,
) -> Iterator[Connection]:
    """An open connection under a name of its own, so that no daemon is thrown out.

    Raises EdgeError naming broker, reason and remedy; ConfigError for certificates.
    """
    endpoint = Endpoint(
        host=config.host,
        port=config.port,
        client_id=f"emotion-edge-cli-{secrets.token_hex(4)}",
        keepalive=config.keepalive,
        username=config.username,
        password=password,
        tls=tls_context(config.tls),
    )
    connection = _open(endpoint, config, on_message, on_denied)
    try:
        yield connection
    finally:
        connection.close(None, 1.0)
        connection.join()


def _open(
    endpoint: Endpoint,
    config: MqttConfig,
    on_message: Callable[[MQTTMessage], None],
    on_denied: Callable[[str], None],
) -> Connection:
    end = Disconnect(Cause.SILENT, "no answer to CONNECT")
    for version in VERSIONS[config.protocol]:
        connection = Connection(
            endpoint,
            version,
            on_open=lambda _connection: None,
            on_message=on_message,
            on_denied=on_denied,
            on_end=lambda: None,
        )
        connection.open()
        if connection.settled(ANSWER_TIMEOUT):
            return connection
        connection.abandon(end)
        connection.join()
        end = connection.end
        if end.cause not in {Cause.PROTOCOL, Cause.SILENT, Cause.HUNG_UP}:
            break
    raise EdgeError(explain(end, address=endpoint.address, user=endpoint.username, client=endpoint.client_id))
