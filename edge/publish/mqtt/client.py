"""The client that stays connected: one short-lived connection after another, while the daemon runs."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.disconnect import Cause, Disconnect, ReconnectDelays
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.lessons import Lessons
from edge.publish.mqtt.limits import Limits, losses
from edge.publish.mqtt.listener import Listener
from edge.publish.mqtt.message import Message
from edge.publish.mqtt.outbox import Outbox
from edge.publish.mqtt.packet_guess import Suspect
from edge.publish.mqtt.subscription import Subscription
from edge.publish.mqtt.timers import Timers
from edge.publish.mqtt.versions import NAMES, VERSIONS, Protocol
from edge.supervision import GuardedThread, explain, is_shortage

__all__ = ["ReconnectingClient"]

_log = logging.getLogger(__name__)

_ANSWER_TIMEOUT: Final = 10.0
_GUESS_TIMEOUT: Final = 3.0
"""Seconds to the answer while there is another version to try: a broker that misreads MQTT 5 says nothing."""
_TRY_ANOTHER_VERSION: Final = frozenset({Cause.PROTOCOL, Cause.SILENT, Cause.HUNG_UP})
_FLUSH_EVERY: Final = 0.25
_BEAT_EVERY: Final = 5.0


class ReconnectingClient:
    """Keeps one connection open; what is to be sent is in `outbox`, what is to happen later in `timers`.

    `instance` tells this process from others that have our client id. `beat` is called every few seconds
    while the thread lives. All public methods may be called from any thread and never wait for the
    network, `stop` apart.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        protocol: Protocol,
        subscriptions: Sequence[Subscription],
        birth: Sequence[Message],
        instance: str,
        on_message: Callable[[MQTTMessage], None],
        on_taken_over: Callable[[], None],
        beat: Callable[[], None] = lambda: None,
        event_lifetime: float = 5.0,
        delays: ReconnectDelays | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random.random,
    ) -> None:
        self.timers = Timers(monotonic, self._wake_up)
        self.outbox = Outbox(
            birth=birth,
            event_lifetime=event_lifetime,
            monotonic=monotonic,
            on_waiting=lambda: self.timers.after("flush", _FLUSH_EVERY, self.outbox.flush),
        )
        self.listener = Listener(subscriptions, on_message, self.timers, monotonic)
        self._endpoint, self._versions = endpoint, VERSIONS[protocol]
        self._on_taken_over, self._beat = on_taken_over, beat
        self._delays, self._monotonic, self._share = delays or ReconnectDelays(), monotonic, share
        self._birth_base = birth[0].topic.rpartition("/")[0]
        self._denied: str | None = None
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._connection: Connection | None = None
        self._thread = GuardedThread("mqtt", self._run, beat=beat)
        self._last_message: tuple[Message | None, float] = (None, 1.0)
        self._lessons = Lessons(endpoint, instance, monotonic())
        self._outage = self._lessons.outage

    @property
    def connected(self) -> bool:
        """Whether a connection is open right now, and the broker has taken our subscriptions."""
        connection = self._connection
        return connection is not None and connection.listening.is_set()

    @property
    def protocol(self) -> str | None:
        """`5` or `3.1.1` while connected."""
        connection = self._connection
        return NAMES[connection.protocol] if connection is not None else None

    @property
    def connections(self) -> int:
        """How often a broker has let us in."""
        return self._outage.connections

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, or what the broker denies us; None when all is well."""
        return self._denied if self.connected else self._outage.explain()

    def problems(self) -> list[str]:
        """What works less well than it could over the present connection."""
        connection, denied = self._connection, self._denied
        ended = self._thread.problem
        found = [text for text in (denied, ended and f"mqtt: {ended}") if text]
        if connection is not None:
            found += losses(connection.limits, dict(self.outbox.left_out), self._endpoint.address)
        return found + self.listener.problems()

    def outage(self) -> float:
        """Seconds for which there has been no good connection; 0 while there is one."""
        return 0.0 if self.connected else self._outage.duration(self._monotonic())

    def access(self) -> str:
        """What the broker's access list has to allow."""
        base = self._birth_base
        beside = sorted(topic for topic in self.outbox.topics() if not topic.startswith(base + "/"))
        heard = ", ".join(one.filter for one in self.listener.subscriptions)
        return f"write {', '.join([base + '/#', *beside])} and read {heard}"

    def age(self) -> float:
        """Seconds since the present connection was opened."""
        return self._outage.age(self._monotonic())

    def start(self) -> None:
        """Begin to connect; returns at once, with or without a broker."""
        if not self._stopping.is_set():
            self._thread.start()

    def revive(self) -> None:
        """Start the thread again if it has ended although nobody stopped it."""
        self._thread.revive()

    def stop(self, last: Message | None, timeout: float) -> bool:
        """Send `last`, disconnect and join the thread; False if it is stuck in the system's resolver."""
        self._last_message = (last, timeout)
        self._stopping.set()
        self._wake_up()
        return self._thread.stop(timeout + 0.5)

    def _wake_up(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                pause = self._attempt()
            except Exception as error:
                if not is_shortage(error):
                    _log.exception("mqtt: an attempt to connect failed")
                pause = self._learn(Disconnect(Cause.LOCAL, explain(error)), None)
            while pause > 0.0 and not self._stopping.wait(min(pause, _BEAT_EVERY)):
                self._beat()
                pause -= _BEAT_EVERY

    def _attempt(self) -> float:
        """Connect, stay connected, and return the seconds to wait before the next attempt."""
        for version in self._versions:
            connection = self._attempt_version(version)
            if connection.end.cause not in _TRY_ANOTHER_VERSION or self._stopping.is_set():
                break
        if self._stopping.is_set():
            return 0.0
        return self._learn(connection.end, connection.suspect() if connection.opened.is_set() else None)

    def _attempt_version(self, version: MQTTProtocolVersion) -> Connection:
        offered = self._lessons.wills.first()
        while True:
            connection = self._live(version, self._lessons.limits(offered))
            if connection.opened.is_set():
                self._lessons.wills.took(offered)
            following = self._lessons.wills.following(offered, connection.end, modern=connection.modern)
            if following is None or self._stopping.is_set():
                return connection
            offered = following

    def _live(self, version: MQTTProtocolVersion, limits: Limits) -> Connection:
        """One connection from its beginning to its end."""
        connection = Connection(
            self._lessons.endpoint(),
            version,
            limits=limits,
            on_open=self._opened,
            on_message=self.listener.receive,
            on_denied=self._refused,
            on_end=self._closed,
        )
        try:
            connection.open()
            last_choice = version == self._versions[-1]
            self._attend(connection, self._monotonic() + (_ANSWER_TIMEOUT if last_choice else _GUESS_TIMEOUT))
            if self._stopping.is_set():
                connection.close(*self._last_message)
        finally:
            connection.abandon(Disconnect(Cause.CLOSED))
            connection.join()
        return connection

    def _attend(self, connection: Connection, deadline: float) -> None:
        while not connection.ended.is_set() and not self._stopping.is_set():
            self._beat()
            waiting = _BEAT_EVERY if connection.opened.is_set() else max(0.0, deadline - self._monotonic())
            self._wake.wait(self.timers.until_next(min(waiting, _BEAT_EVERY)))
            self._wake.clear()
            if connection.opened.is_set():
                self.timers.run_due()
            elif self._monotonic() >= deadline and not connection.ended.is_set():
                connection.abandon(Disconnect(Cause.SILENT, "no answer to CONNECT"))

    def _opened(self, connection: Connection) -> None:
        self._denied = None
        self._connection = connection
        self.listener.attach(connection)
        self.outbox.attach(connection)
        self._outage.opened(self._monotonic())
        name = self._lessons.endpoint().client_id
        _log.info("connected to %s as %s (MQTT %s)", self._endpoint.address, name, self.protocol)
        self._lessons.tell_name()
        self._wake_up()

    def _refused(self, what: str) -> None:
        endpoint = self._endpoint
        text = (
            f"mqtt: the broker at {endpoint.address} denies {what}:"
            f" its access list must let {endpoint.username or endpoint.client_id} {self.access()}"
        )
        if self._denied is None:
            _log.warning("%s", text)
        self._denied = text

    def _closed(self) -> None:
        self.outbox.detach()
        self.listener.detach()
        self._connection = None
        self._wake_up()

    def _learn(self, end: Disconnect, suspect: Suspect | None) -> float:
        """Draw conclusions from the end of a connection; the seconds to wait before the next."""
        now = self._monotonic()
        self._lessons.learn(end, suspect, now)
        if end.cause is Cause.TAKEN_OVER:
            self._on_taken_over()
        return self._delays.after(end, self._outage.duration(now), share=self._share)
