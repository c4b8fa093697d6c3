"""What the daemon publishes over MQTT, and what it is asked."""

from __future__ import annotations

import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from edge import __version__
from edge.config.models import DeviceConfig, HomeAssistantConfig, MqttConfig
from edge.config.tls import tls_context
from edge.mood.people import Person, PersonEvent
from edge.mood.scores import Scores
from edge.publish import homeassistant, payloads
from edge.publish.commands import SWITCHES, Command
from edge.publish.entities import offered
from edge.publish.entity import Entity
from edge.publish.mqtt.client import ReconnectingClient
from edge.publish.mqtt.client_id import client_id, machine_digest
from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.message import TEXT, Message, Qos, encode
from edge.publish.mqtt.subscription import Subscription
from edge.publish.people import PeopleFeed, person_event
from edge.publish.presence import Presence, availability, birth_messages, identity
from edge.publish.receiver import CommandReceiver
from edge.publish.state import StateFeed
from edge.publish.throttle import Throttle
from edge.publish.topics import Topics
from edge.vocabulary import NONE, Modality, Mood, Reading

__all__ = ["EVENT_LIFETIME", "READING_SPACING", "MqttPublisher"]

EVENT_LIFETIME: Final = 5.0
"""Seconds after which an event that could not be sent is dropped, and expires on the broker (MQTT 5)."""
READING_SPACING: Final = 0.5
OUTAGE_GRACE: Final = 5.0
"""Seconds without a connection after which that is a problem."""
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
    ) -> None:
        ha = home_assistant or HomeAssistantConfig(enabled=False)
        self.topics = Topics(config.prefix, device.id, ha.prefix)
        self.client_id = client_id(device.id, machine or machine_digest())
        self._config, self._device, self._version = config, device, version
        self._wall, self._monotonic, self._beat = wall, monotonic, beat
        self._instance = secrets.token_hex(4)
        self._state = StateFeed(heartbeat=config.heartbeat, wall=wall, monotonic=monotonic)
        self._people = PeopleFeed(heartbeat=config.heartbeat, wall=wall, monotonic=monotonic)
        self._health: Throttle[payloads.Payload] = Throttle(spacing=0.95 * config.heartbeat)
        self._health_key: object = None
        self._info: payloads.Payload | None = None
        self._readings: dict[Modality, Throttle[bytes]] = {
            modality: Throttle(spacing=READING_SPACING) for modality in ("face", "speech")
        }
        self._user = (("schema", str(payloads.SCHEMA)), ("device", device.id))
        self._presence = Presence(
            self.topics, client_id=self.client_id, instance=self._instance, monotonic=monotonic, share=share
        )
        self._receiver = CommandReceiver(
            self.topics,
            identity=identity(self.client_id, device.id, version),
            on_command=on_command,
            on_birth=self._presence.home_assistant_started,
            on_namesake=self._presence.identified,
            on_echo=self._presence.echoed,
            instance=self._instance,
            send=self._answer,
        )
        self._client = self._new_client(password, delays, share)
        self._presence.attach(self._client)
        self._url = url
        self._choices: Mapping[str, Sequence[str]] = {}
        self._facts: Mapping[str, Any] | None = None
        self._announced = ha.enabled
        self._announce()

    @property
    def connected(self) -> bool:
        """Whether there is a broker right now."""
        return self._client.connected

    @property
    def reconnects(self) -> int:
        """Connections after the first."""
        return max(0, self._client.connections - 1)

    def start(self) -> None:
        """Begin to connect, for as long as it takes; returns at once."""
        self._client.start()

    def stop(self, timeout: float = 1.0) -> bool:
        """Publish `offline`, wait up to `timeout` seconds for its acknowledgement, disconnect."""
        return self._client.stop(self._presence.offline_message(), timeout)

    def tick(self) -> None:
        """Send what waited for its turn and repeat what is due."""
        self._client.revive()
        now = self._monotonic()
        self._send_state(self._state.due(now))
        self._send_people(self._people.due(now))
        for modality, paced in self._readings.items():
            self._send_reading(modality, paced.due(now))

    def publish_mood(self, mood: Mood, present: payloads.Present) -> bool:
        """The state, retained: at once on a change of mood, within a second on one of people or speech."""
        told = present if self._config.people else replace(present, moods=None)
        return self._send_state(self._state.offer(mood, told))

    def publish_people(self, people: Sequence[Person]) -> bool:
        """Everybody, retained, if `mqtt.people` is on: at once when somebody comes, goes or changes."""
        return self._config.people and self._send_people(self._people.offer(people))

    def publish_person(self, event: PersonEvent) -> bool:
        """Somebody arrived, changed or left, never retained, if `mqtt.people` is on."""
        if not self._config.people:
            return False
        now = self._wall()
        since = now - (self._monotonic() - event.person.since)
        payload = person_event(event, now=now, since=since)
        return self._client.outbox.send_event(self._json("person", payload, expiry=int(EVENT_LIFETIME)))

    def publish_event(self, mood: Mood) -> bool:
        """One accepted change, never retained; the return to `none` is a state, not an event."""
        if mood.emotion == NONE:
            return False
        now = self._wall()
        payload = payloads.event(mood, now=now, identity=payloads.ulid(now))
        return self._client.outbox.send_event(self._json("event", payload, expiry=int(EVENT_LIFETIME)))

    def publish_reading(self, reading: Reading, *, backend: str) -> bool:
        """A raw reading, if `mqtt.readings` is on; at most two a second of each sense, the newest wins."""
        if not self._config.readings:
            return False
        payload = payloads.reading(reading, now=self._wall(), backend=backend)
        paced = self._readings[reading.modality]
        return self._send_reading(reading.modality, paced.offer(encode(payload), now=self._monotonic()))

    def publish_alert(self, alert: Mapping[str, Any] | None) -> bool:
        """The alert to show (cause, level, message, since, acknowledged), or that there is none; retained."""
        payload = payloads.alert(alert, now=self._wall())
        return self._client.outbox.keep(self._json("alert", payload, retain=True))

    def publish_scores(self, scores: Scores) -> bool:
        """The numbers behind the mood, if `mqtt.scores` is on: at once or not at all, never retained."""
        payload = payloads.scores(scores, now=self._wall())
        return self._config.scores and self._client.outbox.send(self._json("scores", payload, qos=0))

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
        return payloads.health(values, mqtt=self.facts(), problems=self.problems())

    def publish_info(self, values: Mapping[str, Any]) -> bool:
        """What this device is, retained; sent on a change and again on every connection."""
        device = {"id": self._device.id, "name": self._device.name, "client": self.client_id}
        places = {"site": self._device.site, "room": self._device.room}
        device |= {name: place for name, place in places.items() if place}
        self._facts = values
        entities = [entity.describe() for entity in self._entities()]
        payload = payloads.info({"version": self._version, **values}, device=device, entities=entities)
        if payload == self._info:
            return False
        self._info = payload
        return self._client.outbox.keep(self._json("info", payload, retain=True))

    def publish_settings(self, view: Mapping[str, Any]) -> bool:
        """What is set on top of the configuration, retained; new choices are announced, too."""
        payload = payloads.settings(view, now=self._wall())
        if view["choices"] != self._choices:
            self._choices = view["choices"]
            self._announce()
            if self._facts is not None:
                self.publish_info(self._facts)
        return self._client.outbox.keep(self._json("settings", payload, retain=True))

    def set_switch(self, name: str, on: bool) -> bool:
        """Tell, retained, that a device is now open or closed; `name` is camera, microphone or actions."""
        if name not in SWITCHES:
            raise ValueError(f"no switch {name!r}")
        word = b"ON" if on else b"OFF"
        return self._client.outbox.keep(Message(self.topics.of(name), word, retain=True, content_type=TEXT))

    def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> bool:
        """An action's message to anyone: now or never, never retained. ValueError for a wrong topic."""
        return self._client.outbox.send(Message(topic, payload, 1 if qos else 0, content_type=TEXT))

    def watch(self, topics: Collection[str], tell: Callable[[str, bytes], None]) -> None:
        """Listen to other people's topics, instead of those watched before; `tell` runs on paho's thread."""
        self._receiver.watch(frozenset(topics), tell)
        self._client.listener.follow([Subscription(topic, qos=0, limited=True) for topic in sorted(topics)])

    def problems(self) -> list[str]:
        """What a human should know about the connection."""
        return self._presence.problems() + self._client.problems()

    def facts(self) -> dict[str, Any]:
        """The part of health that concerns the connection."""
        return {
            "reconnects": self.reconnects,
            "protocol": self._client.protocol,
            "dropped_events": self._client.outbox.dropped,
        }

    def status(self) -> dict[str, Any]:
        """All about the connection, for logs, metrics and the local page."""
        return {
            "connected": self.connected,
            "host": self._config.host,
            "port": self._config.port,
            "client": self.client_id,
            **self.facts(),
            "trouble": self._client.trouble,
            "problems": self.problems() + self._outage(),
        }

    def _entities(self) -> tuple[Entity, ...]:
        return offered(scores=self._config.scores, choices=self._choices)

    def _announce(self) -> None:
        """Home Assistant's discovery message, where that is wanted."""
        if self._announced:
            message = homeassistant.discovery(
                self.topics, self._device, version=self._version, url=self._url, entities=self._entities()
            )
            self._client.outbox.keep(message)

    def _new_client(
        self, password: str | None, delays: ReconnectDelays | None, share: Callable[[], float]
    ) -> ReconnectingClient:
        config = self._config
        endpoint = Endpoint(
            host=config.host,
            port=config.port,
            client_id=self.client_id,
            keepalive=config.keepalive,
            username=config.username,
            password=password,
            tls=tls_context(config.tls),
            will=availability(self.topics, homeassistant.OFFLINE),
        )
        return ReconnectingClient(
            endpoint,
            protocol=config.protocol,
            subscriptions=self.topics.subscriptions(),
            birth=birth_messages(self.topics, self.client_id, self._instance),
            instance=self._instance,
            on_message=self._receiver.receive,
            beat=self._beat,
            on_taken_over=self._presence.session_taken_over,
            event_lifetime=EVENT_LIFETIME,
            delays=delays,
            monotonic=self._monotonic,
            share=share,
        )

    def _outage(self) -> list[str]:
        """The lack of a connection as a problem; health, which goes out over it, need not tell."""
        trouble = self._client.trouble
        return [f"mqtt: {trouble}"] if self._client.outage() > OUTAGE_GRACE and trouble else []

    def _answer(self, message: Message) -> bool:
        return self._client.outbox.send(message)

    def _json(
        self, name: str, payload: payloads.Payload, *, qos: Qos = 1, retain: bool = False, expiry: int = 0
    ) -> Message:
        return Message(
            self.topics.of(name), encode(payload), qos, retain, expiry=expiry or None, user=self._user
        )

    def _send_state(self, payload: payloads.Payload | None) -> bool:
        if payload is None:
            return False
        return self._client.outbox.keep(self._json("state", payload, retain=True, expiry=self._config.expiry))

    def _send_people(self, payload: payloads.Payload | None) -> bool:
        if payload is None:
            return False
        return self._client.outbox.keep(
            self._json("people", payload, retain=True, expiry=self._config.expiry)
        )

    def _send_reading(self, modality: Modality, payload: bytes | None) -> bool:
        if payload is None:
            return False
        return self._client.outbox.send(Message(self.topics.of(modality), payload, 0, user=self._user))
