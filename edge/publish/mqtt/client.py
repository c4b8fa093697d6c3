"""The client that stays connected: one short-lived connection after another, while the daemon runs."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from paho.mqtt.client import MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.disconnect import Cause, Disconnect, ReconnectDelays
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.message import Message
from edge.publish.mqtt.outage import Outage
from edge.publish.mqtt.timers import Timers
from edge.publish.mqtt.unacknowledged import Unacknowledged

__all__ = ["VERSIONS", "Protocol", "ReconnectingClient"]

_log = logging.getLogger(__name__)

Protocol = Literal["auto", "5", "3.1.1"]
VERSIONS: Final[dict[Protocol, tuple[MQTTProtocolVersion, ...]]] = {
    "auto": (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311),
    "5": (MQTTProtocolVersion.MQTTv5,),
    "3.1.1": (MQTTProtocolVersion.MQTTv311,),
}
_NAMES: Final = {MQTTProtocolVersion.MQTTv5: "5", MQTTProtocolVersion.MQTTv311: "3.1.1"}
_ANSWER_TIMEOUT: Final = 10.0
_GUESS_TIMEOUT: Final = 3.0
"""Seconds to the answer while there is another version to try: a broker that misreads MQTT 5 says nothing."""


class ReconnectingClient:
    """Keeps one connection open and sends the newest of everything when there is a new one.

    Retained messages live in a dictionary by topic, newest only; events in a short memory. Both are sent
    again on each new connection, the `birth` messages last. All public methods may be called from any
    thread and never wait for the network, `stop` apart.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        protocol: Protocol,
        subscriptions: Sequence[str],
        birth: Sequence[Message],
        on_message: Callable[[MQTTMessage], None],
        on_taken_over: Callable[[], None],
        event_lifetime: float = 5.0,
        delays: ReconnectDelays | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random.random,
    ) -> None:
        self.timers = Timers(monotonic, self._wake_up)
        self.denied: str | None = None
        self._endpoint, self._versions = endpoint, VERSIONS[protocol]
        self._subscriptions, self._birth = tuple(subscriptions), tuple(birth)
        self._on_message, self._on_taken_over = on_message, on_taken_over
        self._delays, self._monotonic, self._share = delays or ReconnectDelays(), monotonic, share
        self._retained: dict[str, Message] = {}
        self._events = Unacknowledged(lifetime=event_lifetime)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._last_message: tuple[Message | None, float] = (None, 1.0)
        self._outage = Outage(endpoint, monotonic())

    @property
    def connected(self) -> bool:
        """Whether a connection is open right now, and the broker has taken our subscriptions."""
        connection = self._connection
        return connection is not None and connection.listening.is_set()

    @property
    def protocol(self) -> str | None:
        """`5` or `3.1.1` while connected."""
        connection = self._connection
        return _NAMES[connection.protocol] if connection is not None else None

    @property
    def reconnects(self) -> int:
        """Connections after the first."""
        return max(0, self._outage.connections - 1)

    @property
    def dropped(self) -> int:
        """Events that became too old to be sent."""
        return self._events.dropped

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, or what the broker denies us; None when all is well."""
        return self.denied if self.connected else self._outage.explain()

    def start(self) -> None:
        """Begin to connect; returns at once, with or without a broker."""
        self._thread.start()

    def stop(self, last: Message | None, timeout: float) -> bool:
        """Send `last`, disconnect and join the thread; False if it is stuck in the system's resolver."""
        self._last_message = (last, timeout)
        self._stopping.set()
        self._wake_up()
        if self._thread.is_alive():
            self._thread.join(timeout + 0.5)
        return not self._thread.is_alive()

    def keep(self, message: Message) -> bool:
        """Send a retained message now if connected, and again in every connection to come."""
        with self._lock:
            self._retained[message.topic] = message
            return self._send(message) is not None

    def forget(self, topic: str) -> None:
        """Send no more of this retained topic; what the broker keeps stays."""
        with self._lock:
            self._retained.pop(topic, None)

    def send(self, message: Message) -> bool:
        """Send now or never."""
        with self._lock:
            return self._send(message) is not None

    def send_event(self, message: Message) -> bool:
        """Send now, or within the next seconds if a connection opens in time."""
        with self._lock:
            return self._send_event(message)

    def resend(self) -> None:
        """Send all retained messages again, the birth messages too."""
        with self._lock:
            for message in (*self._retained.values(), *self._birth):
                if message.retain:
                    self._send(message)

    def _send(self, message: Message) -> MQTTMessageInfo | None:
        if self._connection is None:
            return None
        info = self._connection.send(message)
        return info if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def _send_event(self, message: Message) -> bool:
        info = self._send(message)
        self._events.add(
            message,
            now=self._monotonic(),
            delivered=lambda: info is not None and info.rc == 0 and info.is_published(),
        )
        return info is not None

    def _wake_up(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            end = self._attempt()
            if not self._stopping.is_set():
                self._stopping.wait(self._delay(end))

    def _attempt(self) -> Disconnect:
        end = Disconnect(Cause.CLOSED)
        for version in self._versions:
            end = self._live(version)
            if end.cause not in {Cause.PROTOCOL, Cause.SILENT} or self._stopping.is_set():
                break
        return end

    def _live(self, version: MQTTProtocolVersion) -> Disconnect:
        connection = Connection(
            self._endpoint,
            version,
            on_open=self._opened,
            on_message=self._on_message,
            on_denied=self._refused,
            on_end=self._closed,
        )
        connection.open()
        last_choice = version == self._versions[-1]
        self._attend(connection, self._monotonic() + (_ANSWER_TIMEOUT if last_choice else _GUESS_TIMEOUT))
        if self._stopping.is_set():
            connection.close(*self._last_message)
        connection.join()
        return connection.end

    def _attend(self, connection: Connection, deadline: float) -> None:
        while not connection.ended.is_set() and not self._stopping.is_set():
            waiting = None if connection.opened.is_set() else max(0.0, deadline - self._monotonic())
            self._wake.wait(self.timers.until_next(waiting))
            self._wake.clear()
            if connection.opened.is_set():
                self.timers.run_due()
            elif self._monotonic() >= deadline and not connection.ended.is_set():
                connection.abandon(Disconnect(Cause.SILENT, "no answer to CONNECT"))

    def _opened(self, connection: Connection) -> None:
        now = self._monotonic()
        with self._lock:
            self.denied = None
            self._connection = connection
            connection.subscribe(self._subscriptions)
            for message in (*self._retained.values(), *self._birth):
                connection.send(message)
            for message in self._events.take(now):
                self._send_event(message)
        self._outage.opened(now)
        _log.info(
            "connected to %s as %s (MQTT %s)", self._endpoint.address, self._endpoint.client_id, self.protocol
        )
        self._wake_up()

    def _refused(self, what: str) -> None:
        endpoint, base = self._endpoint, self._birth[0].topic.rpartition("/")[0]
        who, heard = endpoint.username or endpoint.client_id, ", ".join(self._subscriptions)
        text = (
            f"mqtt: the broker at {endpoint.address} denies {what}: its access list must let {who}"
            f" write {base}/# and read {heard}"
        )
        if self.denied is None:
            _log.warning("%s", text)
        self.denied = text

    def _closed(self) -> None:
        with self._lock:
            self._connection = None
        self._wake_up()

    def _delay(self, end: Disconnect) -> float:
        now = self._monotonic()
        end = self._outage.ended(end, now)
        if end.cause is Cause.TAKEN_OVER:
            self._on_taken_over()
        return self._delays.after(end, self._outage.outage(now), share=self._share)
