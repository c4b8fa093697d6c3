"""What the daemon publishes over MQTT, and what it is asked."""

from __future__ import annotations

import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from edge import __version__
from edge.config.models import DeviceConfig, HomeAssistantConfig, MqttConfig
from edge.config.plans import RoomPlan
from edge.publish import payloads
from edge.publish.announcing import Announcer
from edge.publish.broker_client import broker_client
from edge.publish.commands import SWITCHES, Command
from edge.publish.connection_report import ConnectionReport
from edge.publish.mqtt.client_id import client_id, machine_digest
from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.mqtt.message import TEXT, Message, Qos, encode
from edge.publish.mqtt.subscription import Subscription
from edge.publish.presence import Presence, identity
from edge.publish.receiver import CommandReceiver
from edge.publish.room_feeds import RoomFeeds
from edge.publish.room_publisher import RoomPublisher
from edge.publish.throttle import Throttle
from edge.publish.topics import Topics

__all__ = ["MqttPublisher"]

_NUMBERS: Final = re.compile(r"[\d.]+")


class MqttPublisher:
    """Publishes moods, events, readings, health and switches; passes commands on.

    All `publish_…` methods return at once, whether or not there is a broker; True means that something
    was handed to a connected client. Call `tick` from the main loop at least once a second: it repeats
    the state, so that a daemon that hangs is seen to be silent. `on_command` is called on the client's
    thread and must not block; it may raise queue.Full. `wall` is Unix time, `monotonic` the clock of
    `Mood.since`. Raises ConfigError for certificates that cannot be used.
    """

    def __init__(
        self,
        *,
        config: MqttConfig,
        device: DeviceConfig,
        password: str | None,
        on_command: Callable[[Command], None],
        home_assistant: HomeAssistantConfig | None = None,
        url: str | None = None,
        version: str = __version__,
        machine: str | None = None,
        delays: ReconnectDelays | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random.random,
        beat: Callable[[], None] = lambda: None,
        rooms: Sequence[RoomPlan] = (),
    ) -> None:
        ha = home_assistant or HomeAssistantConfig(enabled=False)
        self.topics = Topics(config.prefix, device.id, ha.prefix)
        self.client_id = client_id(device.id, machine or machine_digest())
        self._config, self._device, self._version = config, device, version
        self._wall, self._monotonic = wall, monotonic
        self._instance = secrets.token_hex(4)
        self._health: Throttle[payloads.Payload] = Throttle(spacing=0.95 * config.heartbeat)
        self._health_key: object = None
        self._info: payloads.Payload | None = None
        self._user = (("schema", str(payloads.SCHEMA)), ("device", device.id))
        self._presence = Presence(
            self.topics, client_id=self.client_id, instance=self._instance, monotonic=monotonic, share=share
        )
        self._receiver = self._receiving(on_command)
        self._client = broker_client(
            config,
            self.topics,
            client_id=self.client_id,
            instance=self._instance,
            password=password,
            several=any(plan.level is not None for plan in rooms),
            receiver=self._receiver,
            presence=self._presence,
            beat=beat,
            delays=delays,
            monotonic=monotonic,
            share=share,
        )
        self._report = ConnectionReport(self._client, self._presence, config, self.client_id)
        self._facts: Mapping[str, Any] | None = None
        self._announcer = self._announcing(rooms, url, enabled=ha.enabled)
        self._rooms = RoomFeeds(
            rooms,
            self.topics,
            config,
            self._client.outbox,
            announcer=self._announcer,
            wall=wall,
            monotonic=monotonic,
        )
        self._receiver.levels = self._rooms.levels
        self._announcer.announce()

    @property
    def connected(self) -> bool:
        """Whether there is a broker right now."""
        return self._client.connected

    @property
    def reconnects(self) -> int:
        """Connections after the first."""
        return self._report.reconnects

    def start(self) -> None:
        """Begin to connect, for as long as it takes; returns at once."""
        self._client.start()

    def stop(self, timeout: float = 1.0) -> bool:
        """Publish `offline`, wait up to `timeout` seconds for its acknowledgement, disconnect."""
        return self._client.stop(self._presence.offline_message(), timeout)

    def tick(self) -> None:
        """Send what waited for its turn and repeat what is due."""
        self._client.revive()
        self._rooms.tick()

    def room(self, key: str = "") -> RoomPublisher:
        """What is told of a room, by its key; KeyError for one that is not there."""
        return self._rooms.room(key)

    def have_rooms(self, plans: Sequence[RoomPlan], gone: Iterable[str] = ()) -> None:
        """Have exactly these rooms; nothing is left on the broker of those that went, and of `gone`."""
        self._rooms.have(plans, gone)
        self._receiver.levels = self._rooms.levels

    def publish_alert(self, alert: Mapping[str, Any] | None) -> bool:
        """The alert to show (cause, level, message, since, acknowledged), or that there is none; retained."""
        payload = payloads.alert(alert, now=self._wall())
        return self._client.outbox.keep(self._json("alert", payload, retain=True))

    def publish_health(self, values: Mapping[str, Any]) -> bool:
        """Health, retained: at once when the status or the set of problems changes, else every heartbeat.

        `values` has `status`, `problems`, `uptime_s`, `face`, `speech`; the connection's own part is added.
        """
        payload = self.health(values)
        key = payload["status"], sorted(_NUMBERS.sub("", problem) for problem in payload["problems"])
        due = self._health.offer(payload, now=self._monotonic(), urgent=key != self._health_key)
        self._health_key = key
        return due is not None and self._client.outbox.keep(self._json("health", due, qos=0, retain=True))

    def health(self, values: Mapping[str, Any]) -> payloads.Payload:
        """The daemon's health with the connection's part joined."""
        return payloads.health(values, mqtt=self._report.facts(), problems=self.problems())

    def publish_info(self, values: Mapping[str, Any]) -> bool:
        """What this device is, retained; sent on a change and again on every connection."""
        device = {"id": self._device.id, "name": self._device.name, "client": self.client_id}
        places = {"site": self._device.site, "room": self._device.room}
        device |= {name: place for name, place in places.items() if place}
        self._facts = values
        entities = [entity.describe() for entity in self._announcer.entities()]
        payload = payloads.info({"version": self._version, **values}, device=device, entities=entities)
        if payload == self._info:
            return False
        self._info = payload
        return self._client.outbox.keep(self._json("info", payload, retain=True))

    def publish_settings(
        self, view: Mapping[str, Any], rooms: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    ) -> bool:
        """What is set on top of the configuration, retained, also of each room; new choices are announced."""
        payload = payloads.settings(view, now=self._wall())
        for key in self._rooms.levels & rooms.keys():
            self._rooms.room(key).publish_settings(rooms[key])
        if self._announcer.know(view["choices"]) and self._facts is not None:
            self.publish_info(self._facts)
        return self._client.outbox.keep(self._json("settings", payload, retain=True))

    def set_switch(self, name: str, on: bool) -> bool:
        """Tell, retained, that something is open or closed: `camera`, `actions`, `living/camera`."""
        level, _, switch = name.rpartition("/")
        if switch not in SWITCHES:
            raise ValueError(f"no switch {name!r}")
        word, topic = b"ON" if on else b"OFF", self.topics.room(level or None).of(switch)
        return self._client.outbox.keep(Message(topic, word, retain=True, content_type=TEXT))

    def keep_unstored(self, switches: Mapping[str, bool] | None) -> bool:
        """Have the broker remember switches that could not be stored; with None nothing is left there."""
        payload = b"" if switches is None else encode(switches)
        return self._client.outbox.keep(Message(self.topics.of("unstored"), payload, retain=True))

    def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> bool:
        """An action's message to anyone: now or never, never retained. ValueError for a wrong topic."""
        return self._client.outbox.send(Message(topic, payload, 1 if qos else 0, content_type=TEXT))

    def watch(self, topics: Collection[str], tell: Callable[[str, bytes], None]) -> None:
        """Listen to other people's topics, instead of those watched before; `tell` runs on paho's thread."""
        self._receiver.watch(frozenset(topics), tell)
        self._client.listener.follow([Subscription(topic, qos=0, limited=True) for topic in sorted(topics)])

    def problems(self) -> list[str]:
        """What a human should know about the connection."""
        return self._report.problems()

    def status(self) -> dict[str, Any]:
        """All about the connection, for logs, metrics and the local page."""
        return self._report.status()

    def _receiving(self, on_command: Callable[[Command], None]) -> CommandReceiver:
        return CommandReceiver(
            self.topics,
            identity=identity(self.client_id, self._device.id, self._version),
            on_command=on_command,
            on_birth=self._presence.home_assistant_started,
            on_namesake=self._presence.identified,
            on_echo=self._presence.echoed,
            instance=self._instance,
            send=self._answer,
        )

    def _announcing(self, rooms: Sequence[RoomPlan], url: str | None, *, enabled: bool) -> Announcer:
        return Announcer(
            self.topics,
            self._device,
            self._client.outbox,
            version=self._version,
            url=url,
            scores=self._config.scores,
            enabled=enabled,
            rooms=rooms,
        )

    def _answer(self, message: Message) -> bool:
        return self._client.outbox.send(message)

    def _json(
        self, name: str, payload: payloads.Payload, *, qos: Qos = 1, retain: bool = False, expiry: int = 0
    ) -> Message:
        return Message(
            self.topics.of(name), encode(payload), qos, retain, expiry=expiry or None, user=self._user
        )
