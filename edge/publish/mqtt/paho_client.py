"""paho's client, configured for one connection and guarded against what paho does not watch."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.message import Message

__all__ = ["LARGEST_PACKET", "OversizedPacketError", "PahoClient", "new_client"]

LARGEST_PACKET: Final = 262_144
"""Bytes of the largest packet that we take; announced over MQTT 5, enforced always."""
_RECEIVE_BUFFER: Final = 65_536
"""Bytes that may wait in the kernel: a switch never stands behind more than this of a flood."""


class OversizedPacketError(Exception):
    """The broker sends a packet that is larger than LARGEST_PACKET."""


class PahoClient(Client):
    """Tells when its network loop is over, whatever ended it, and reads no packet that is too large."""

    on_loop_end: Callable[[BaseException | None], None]

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        """paho's own, with its end told by `on_loop_end` and no exception."""
        failure: Exception | None = None
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:
            failure = error
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        finally:
            self.on_loop_end(failure)

    def _sock_recv(self, bufsize: int) -> bytes:
        """paho asks for all that is left of a packet at once, and would keep it twice."""
        if bufsize > LARGEST_PACKET:
            raise OversizedPacketError(f"{bufsize} bytes")
        data: bytes = super()._sock_recv(bufsize)
        return data

    def connect_to(self, endpoint: Endpoint) -> None:
        """Open the socket and send CONNECT, within `endpoint.timeout` seconds. Raises OSError, ValueError."""
        options: dict[str, Any] = {}
        if self.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.MaximumPacketSize = LARGEST_PACKET
            options = {"clean_start": True, "properties": properties}
        self.connect(endpoint.host, endpoint.port, endpoint.keepalive, **options)

    def release(self) -> None:
        """Close all sockets now; otherwise they stay open until the garbage collector comes by."""
        self.loop_stop()
        with suppress(ValueError):  # before 2.2 paho closes them, then fails to begin anew
            self.reinitialise("released")


def new_client(endpoint: Endpoint, protocol: MQTTProtocolVersion, will: Message | None) -> PahoClient:
    """A client that connects once and reports its faults instead of hiding them."""
    modern = protocol == MQTTProtocolVersion.MQTTv5
    client = PahoClient(
        CallbackAPIVersion.VERSION2,
        client_id=endpoint.client_id,
        protocol=protocol,
        clean_session=None if modern else True,
        reconnect_on_failure=False,
    )
    client.suppress_exceptions = False
    client.connect_timeout = endpoint.timeout
    client.on_socket_open = _bound_backlog
    if endpoint.username is not None:
        client.username_pw_set(endpoint.username, endpoint.password)
    if endpoint.tls is not None:
        client.tls_set_context(endpoint.tls)
    if will is not None:
        properties = will.will_properties() if modern else None
        client.will_set(will.topic, will.payload, will.qos, will.retain, properties)
    return client


def _bound_backlog(_client: Client, _data: Any, connection: Any) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
