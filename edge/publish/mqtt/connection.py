"""One connection to the broker, from CONNECT to the end of its socket."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTMessageInfo,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint, refusal, unreachable
from edge.publish.mqtt.message import Message

__all__ = ["MAX_QUEUED", "Connection"]

_log = logging.getLogger(__name__)

MAX_QUEUED = 1000
_TAKEN_OVER = 0x8E


class _Client(Client):
    """paho's client, telling when its network loop is over, whatever ended it."""

    on_loop_end: Callable[[BaseException | None], None]

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        try:
            code = super().loop_forever(timeout, retry_first_connection)
        except Exception as error:
            self.on_loop_end(error)
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        self.on_loop_end(None)
        return code


class Connection:
    """A paho client that is used for one connection only.

    Its queue of unacknowledged messages dies with it, so nothing of an earlier connection is replayed.
    The callbacks run on paho's thread; `on_open` is called before anything is received.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        protocol: MQTTProtocolVersion,
        *,
        on_open: Callable[[Connection], None],
        on_message: Callable[[MQTTMessage], None],
        on_denied: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        self.protocol = protocol
        self.opened = threading.Event()
        self.listening = threading.Event()
        self.ended = threading.Event()
        self.end = Disconnect(Cause.CLOSED)
        self._answered = threading.Event()
        self._endpoint = endpoint
        self._on_open, self._on_denied, self._on_end = on_open, on_denied, on_end
        self._client = self._build(endpoint, protocol)
        self._client.on_message = lambda _client, _data, message: on_message(message)

    @property
    def modern(self) -> bool:
        """Whether this is MQTT 5."""
        return self.protocol == MQTTProtocolVersion.MQTTv5

    def open(self) -> None:
        """Connect and hand the socket to paho's thread; blocks for the connection's time-out at most.

        A failure is not raised: it is in `end`, and `ended` is set.
        """
        try:
            self._connect()
        except (OSError, ValueError) as error:
            self._finish(unreachable(error))
            self._on_end()
        else:
            self._client.loop_start()

    def send(self, message: Message) -> MQTTMessageInfo:
        """Hand a message over; never blocks and never raises for a lost connection."""
        return self._client.publish(
            message.topic,
            message.payload,
            message.qos,
            message.retain,
            message.properties() if self.modern else None,
        )

    def subscribe(self, topics: Sequence[str]) -> None:
        """Ask for topics at QoS 1; a refusal is reported by `on_denied`."""
        if self.modern:
            self._client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])
        else:
            self._client.subscribe([(topic, 1) for topic in topics])

    def close(self, last: Message | None, timeout: float) -> None:
        """Send a last message, wait for its acknowledgement, disconnect; all within `timeout` seconds.

        A connection that is not open yet is cut instead: should the broker have let us in, it sends the will.
        """
        if self.opened.is_set():
            self._disconnect(last, timeout)
        if not self.opened.is_set() or not self.ended.wait(min(timeout, 0.5)):
            self.abandon(Disconnect(Cause.CLOSED))

    def settled(self, timeout: float) -> bool:
        """Wait for the broker's answer; True if the connection is open."""
        self._answered.wait(timeout)
        return self.opened.is_set() and not self.ended.is_set()

    def abandon(self, end: Disconnect) -> None:
        """Cut the socket of a connection that has not ended by itself; paho's thread then ends."""
        if self.ended.is_set():
            return
        self.end = end
        current = self._client.socket()
        if isinstance(current, socket.socket):
            with suppress(OSError):
                current.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait for paho's thread after the end."""
        self._client.loop_stop()

    def _disconnect(self, last: Message | None, timeout: float) -> None:
        if last is not None and not self.ended.is_set():
            with suppress(RuntimeError, ValueError):
                self.send(last).wait_for_publish(timeout)
        self._client.disconnect()

    def _build(self, endpoint: Endpoint, protocol: MQTTProtocolVersion) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=endpoint.client_id,
            protocol=protocol,
            clean_session=None if protocol == MQTTProtocolVersion.MQTTv5 else True,
            reconnect_on_failure=False,
        )
        client.suppress_exceptions = False
        client.connect_timeout = endpoint.timeout
        client.max_queued_messages_set(MAX_QUEUED)
        if endpoint.username is not None:
            client.username_pw_set(endpoint.username, endpoint.password)
        if endpoint.tls is not None:
            client.tls_set_context(endpoint.tls)
        if (will := endpoint.will) is not None:
            properties = will.will_properties() if protocol == MQTTProtocolVersion.MQTTv5 else None
            client.will_set(will.topic, will.payload, will.qos, will.retain, properties)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_publish, client.on_subscribe = self._published, self._subscribed
        client.on_loop_end = self._loop_ended
        return client

    def _connect(self) -> None:
        clean: dict[str, Any] = {"clean_start": True} if self.modern else {}
        self._client.connect(self._endpoint.host, self._endpoint.port, self._endpoint.keepalive, **clean)

    def _connected(
        self,
        _client: Client,
        _data: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.end = refusal(reason)
            return
        self._on_open(self)
        self.opened.set()
        self._answered.set()

    def _disconnected(
        self,
        _client: Client,
        _data: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self.end.cause is Cause.CLOSED and reason.is_failure:
            self.end = self._loss(reason, by_broker=flags.is_disconnect_packet_from_server)

    def _loss(self, reason: ReasonCode, *, by_broker: bool) -> Disconnect:
        if by_broker and reason.value == _TAKEN_OVER:
            return Disconnect(Cause.TAKEN_OVER, str(reason))
        if not self.opened.is_set():
            return Disconnect(Cause.SILENT, str(reason))
        return Disconnect(Cause.LOST, str(reason)) if by_broker else Disconnect(Cause.CUT)

    def _published(
        self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._on_denied(f"a publication ({reason})")

    def _subscribed(
        self,
        _client: Client,
        _data: Any,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self.listening.set()
        for reason in reasons:
            if reason.is_failure:
                self._on_denied(f"a subscription ({reason})")

    def _loop_ended(self, error: BaseException | None) -> None:
        if error is not None:
            _log.warning("connection to %s: %s: %s", self._endpoint.address, type(error).__name__, error)
            self.end = Disconnect(Cause.LOST, str(error))
        self._finish(self.end)
        self._on_end()

    def _finish(self, end: Disconnect) -> None:
        self.end = end
        self.ended.set()
        self._answered.set()
