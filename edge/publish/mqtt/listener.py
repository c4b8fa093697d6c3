"""What arrives from the broker, and no more of it than somebody means."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from paho.mqtt.client import MQTTMessage

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.flood import PAUSE, FloodGate
from edge.publish.mqtt.subscription import Subscription
from edge.publish.mqtt.timers import Timers

__all__ = ["Listener"]

_log = logging.getLogger(__name__)


class Listener:
    """Passes messages on; gives up a flooded subscription for a while, so that the others are heard.

    `receive` runs on paho's thread. No message can end the connection, whatever is in it.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        on_message: Callable[[MQTTMessage], None],
        timers: Timers,
        monotonic: Callable[[], float],
    ) -> None:
        self.subscriptions = tuple(subscriptions)
        self.shed = 0
        self._on_message, self._timers, self._monotonic = on_message, timers, monotonic
        self._own = self.subscriptions
        self._limited: dict[str, Subscription] = {}
        self._gates: dict[str, FloodGate] = {}
        self._guard()
        self._given_up: set[str] = set()
        self._connection: Connection | None = None

    def attach(self, connection: Connection) -> None:
        """Subscribe on a new connection."""
        self._connection = connection
        self._given_up.clear()
        self.shed = 0
        connection.subscribe(self.subscriptions)

    def follow(self, others: Sequence[Subscription]) -> None:
        """Listen to other topics besides the own ones, instead of those followed before."""
        before, connection = self.subscriptions, self._connection
        self.subscriptions = (*self._own, *others)
        self._guard()
        if connection is None or before == self.subscriptions:
            return
        for gone in set(before) - set(self.subscriptions):
            connection.unsubscribe(gone.filter)
        if others:
            connection.subscribe(others)

    def detach(self) -> None:
        """There is no connection."""
        self._connection = None

    def receive(self, message: MQTTMessage) -> None:
        """Take one message."""
        try:
            topic = message.topic
            for prefix, gate in tuple(self._gates.items()):
                if topic.startswith(prefix) and not gate.admits(self._monotonic()):
                    self._shed(prefix, gate)
                    return
            self._on_message(message)
        except Exception:
            _log.exception("mqtt: a message could not be handled")

    def problems(self) -> list[str]:
        """Which subscriptions are flooded."""
        now = self._monotonic()
        return [
            f"mqtt: a flood arrives on {self._limited[prefix].filter} and most of it is ignored:"
            " the broker's log tells who sends it"
            for prefix, gate in self._gates.items()
            if now - gate.flooded_at < 5 * PAUSE
        ]

    def _guard(self) -> None:
        self._limited = {one.filter.rstrip("+#"): one for one in self.subscriptions if one.limited}
        self._gates = {prefix: self._gates.get(prefix, FloodGate()) for prefix in self._limited}

    def _shed(self, prefix: str, gate: FloodGate) -> None:
        self.shed += 1
        connection = self._connection
        if connection is None or prefix in self._given_up or not gate.flooded(self._monotonic()):
            return
        self._given_up.add(prefix)
        connection.unsubscribe(self._limited[prefix].filter)
        _log.warning("%s", self.problems()[0])
        self._timers.after(prefix, PAUSE, lambda: self._resume(prefix))

    def _resume(self, prefix: str) -> None:
        connection = self._connection
        if connection is not None and prefix in self._given_up:
            self._given_up.discard(prefix)
            connection.subscribe([self._limited[prefix]])
