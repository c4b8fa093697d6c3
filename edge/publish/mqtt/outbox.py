"""What is to reach the broker, whether or not it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from paho.mqtt.client import MQTTMessageInfo

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.message import Message
from edge.publish.mqtt.unacknowledged import Unacknowledged

__all__ = ["Outbox"]


class Outbox:
    """Retained messages by topic, newest only, and a short memory of the others that matter.

    All are sent on every new connection, the smallest first, those that refer to others after these, and the
    `birth` messages last. A retained
    message that cannot be sent now waits for `flush`, superseded by newer ones; `on_waiting` is called
    when there is such a one. Safe across threads; nothing here waits for the network.
    """

    def __init__(
        self,
        *,
        birth: Sequence[Message],
        event_lifetime: float,
        monotonic: Callable[[], float],
        on_waiting: Callable[[], None],
    ) -> None:
        self.left_out: dict[str, int] = {}
        self._birth = tuple(birth)
        self._retained: dict[str, Message] = {}
        self._waiting: set[str] = set()
        self._events = Unacknowledged(lifetime=event_lifetime)
        self._monotonic, self._on_waiting = monotonic, on_waiting
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    @property
    def dropped(self) -> int:
        """Events that became too old to be sent."""
        return self._events.dropped

    def topics(self) -> set[str]:
        """All retained topics.

        Takes no lock: the network thread asks from within paho's own, which a sender may be waiting for.
        """
        return {*list(self._retained), *(message.topic for message in self._birth)}

    def attach(self, connection: Connection) -> None:
        """Send everything on a new connection, and what comes from now on."""
        now = self._monotonic()
        with self._lock:
            self._connection = connection
            self._waiting.clear()
            self.left_out = {}
            for message in (*sorted(self._retained.values(), key=_turn), *self._birth):
                self._keep(message)
            for message in self._events.take(now):
                self._send_event(message)

    def detach(self) -> None:
        """There is no connection."""
        with self._lock:
            self._connection = None

    def keep(self, message: Message) -> bool:
        """Send a retained message now if possible, else as soon as it is, and on every connection to come."""
        with self._lock:
            self._retained[message.topic] = message
            return self._keep(message)

    def send(self, message: Message) -> bool:
        """Send now or never."""
        with self._lock:
            return self._send(message) is not None

    def send_event(self, message: Message) -> bool:
        """Send now, or within the next seconds if there is a connection in time."""
        with self._lock:
            return self._send_event(message)

    def resend(self) -> None:
        """Send all retained messages again, those of the birth too."""
        with self._lock:
            for message in (*sorted(self._retained.values(), key=_turn), *self._birth):
                if message.retain:
                    self._keep(message)

    def flush(self) -> None:
        """Send the retained messages that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
            for topic in waiting & self._retained.keys():
                self._keep(self._retained[topic])

    def _keep(self, message: Message) -> bool:
        if self._send(message) is not None:
            return True
        if message.retain and self._connection is not None and message.topic not in self.left_out:
            self._waiting.add(message.topic)
            self._on_waiting()
        return False

    def _send(self, message: Message) -> MQTTMessageInfo | None:
        connection = self._connection
        if connection is None:
            return None
        if size := connection.limits.excess(message, modern=connection.modern):
            self.left_out[message.topic] = size
            return None
        self.left_out.pop(message.topic, None)
        return connection.send(message)

    def _send_event(self, message: Message) -> bool:
        info = self._send(message)
        self._events.add(
            message, now=self._monotonic(), delivered=lambda: info is not None and info.is_published()
        )
        return info is not None


def _turn(message: Message) -> tuple[bool, int]:
    return message.refers, len(message.payload)
