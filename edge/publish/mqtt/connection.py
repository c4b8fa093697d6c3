"""One connection to the broker, from CONNECT to its end."""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTMessageInfo,
)
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint, refusal, unreachable
from edge.publish.mqtt.limits import Limits, stated
from edge.publish.mqtt.message import Message, packet_size
from edge.publish.mqtt.packet_guess import Suspect, prime_suspect
from edge.publish.mqtt.paho_client import OversizedPacketError, new_client
from edge.publish.mqtt.subscription import Subscription

__all__ = ["MOST_WAITING", "Connection"]

_log = logging.getLogger(__name__)

MOST_WAITING: Final = 200
"""Messages that may wait for the network; one more is refused."""
_REMEMBERED: Final = 64
_TAKEN_OVER: Final = 0x8E


class Connection:
    """A paho client that is used for one connection only.

    Its queue of unacknowledged messages dies with it, so nothing of an earlier connection is replayed.
    The callbacks run on paho's thread; `on_open` is called before anything is received. `limits` are
    those that are known before the broker has stated its own.
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
        limits: Limits | None = None,
    ) -> None:
        self.protocol = protocol
        self.limits = limits or Limits()
        self.opened = threading.Event()
        self.listening = threading.Event()
        self.ended = threading.Event()
        self.end = Disconnect(Cause.CLOSED)
        self._answered = threading.Event()
        self._endpoint = endpoint
        self._on_open, self._on_denied, self._on_end = on_open, on_denied, on_end
        self._sent: deque[tuple[Message, MQTTMessageInfo]] = deque(maxlen=_REMEMBERED)
        self._handed_over, self._gone_out = 0, 0
        will = self.limits.apply(endpoint.will) if endpoint.will is not None else None
        self._client = new_client(endpoint, protocol, will)
        self._client.on_connect, self._client.on_disconnect = self._connected, self._disconnected
        self._client.on_publish, self._client.on_subscribe = self._published, self._subscribed
        self._client.on_message = lambda _client, _data, message: on_message(message)
        self._client.on_loop_end = self._loop_ended

    @property
    def modern(self) -> bool:
        """Whether this is MQTT 5."""
        return self.protocol == MQTTProtocolVersion.MQTTv5

    @property
    def full(self) -> bool:
        """Whether so much waits for the network that nothing more is taken."""
        return self._handed_over - self._gone_out >= MOST_WAITING

    def open(self) -> None:
        """Connect and hand the socket to paho's thread; blocks for the connection's time-out at most.

        A failure is not raised: it is in `end`, and `ended` is set.
        """
        try:
            self._client.connect_to(self._endpoint)
            self._client.loop_start()
        except Exception as error:
            self._finish(unreachable(error))
            self._on_end()

    def send(self, message: Message) -> MQTTMessageInfo | None:
        """Hand a message over, with the flags that the broker allows; None where it is not taken.

        Never blocks and never raises for a lost connection.
        """
        if self.full or self.limits.excess(message, modern=self.modern):
            return None
        return self._send(message)

    def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Ask for topics; a refusal is reported by `on_denied`."""
        if self.modern:
            self._client.subscribe([(one.filter, SubscribeOptions(qos=one.qos)) for one in subscriptions])
        else:
            self._client.subscribe([(one.filter, int(one.qos)) for one in subscriptions])

    def unsubscribe(self, topic_filter: str) -> None:
        """Ask for these topics no longer."""
        self._client.unsubscribe(topic_filter)

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
        """Wait for paho's thread after the end, and give back all descriptors."""
        self._client.release()

    def suspect(self) -> Suspect | None:
        """The message that the broker has not acknowledged and may have found too large."""
        waiting = (message for message, info in self._sent if not info.is_published())
        return prime_suspect(
            Suspect(message.topic, packet_size(message, modern=self.modern)) for message in waiting
        )

    def _send(self, message: Message) -> MQTTMessageInfo | None:
        message = self.limits.apply(message)
        properties = message.properties() if self.modern else None
        info = self._client.publish(message.topic, message.payload, message.qos, message.retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return None
        self._handed_over += 1
        if message.qos:
            self._sent.append((message, info))
        return info

    def _disconnect(self, last: Message | None, timeout: float) -> None:
        if last is not None and not self.ended.is_set():
            with suppress(RuntimeError, ValueError):
                if (info := self._send(last)) is not None:
                    info.wait_for_publish(timeout)
        self._client.disconnect()

    def _connected(
        self,
        _client: Client,
        _data: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.end = refusal(reason)
            return
        if self.modern:
            self.limits = self.limits.both(stated(properties))
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
            return Disconnect(Cause.HUNG_UP, str(reason))
        return Disconnect(Cause.LOST, str(reason)) if by_broker else Disconnect(Cause.CUT)

    def _published(
        self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._gone_out += 1
        if reason.is_failure:
            topics = [message.topic for message, info in list(self._sent) if info.mid == mid]
            self._on_denied(f"a publication{' on ' + topics[-1] if topics else ''} ({reason})")

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
        if isinstance(error, OversizedPacketError):
            self.end = Disconnect(Cause.OVERSIZED, str(error))
        elif error is not None:
            _log.warning("connection to %s: %s: %s", self._endpoint.address, type(error).__name__, error)
            self.end = Disconnect(Cause.LOST, str(error))
        self._finish(self.end)
        self._on_end()

    def _finish(self, end: Disconnect) -> None:
        self.end = end
        self.ended.set()
        self._answered.set()
