"""What is published of one room: its mood, its people, its readings and its switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from edge.config.models import MqttConfig
from edge.mood.glimpse import Glimpse
from edge.mood.people import Person, PersonEvent
from edge.mood.scores import Scores
from edge.publish import payloads
from edge.publish.mqtt.message import Message, Qos, encode
from edge.publish.mqtt.outbox import Outbox
from edge.publish.people import PeopleFeed, person_event
from edge.publish.state import StateFeed
from edge.publish.throttle import Throttle
from edge.publish.topics import Topics
from edge.vocabulary import NONE, Modality, Mood, Reading

__all__ = ["EVENT_LIFETIME", "READING_SPACING", "RETAINED", "RoomPublisher"]

EVENT_LIFETIME: Final = 5.0
"""Seconds after which an event that could not be sent is dropped, and expires on the broker (MQTT 5)."""
READING_SPACING: Final = 0.5
RETAINED: Final = ("state", "people", "camera", "microphone", "settings")
"""What the broker keeps of a room."""


class RoomPublisher:
    """All methods return at once; True means that something was handed to a connected client."""

    def __init__(
        self,
        topics: Topics,
        config: MqttConfig,
        outbox: Outbox,
        *,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.topics = topics
        self._config, self._outbox = config, outbox
        self._wall, self._monotonic = wall, monotonic
        self._state = StateFeed(heartbeat=config.heartbeat, wall=wall, monotonic=monotonic)
        self._people = PeopleFeed(heartbeat=config.heartbeat, wall=wall, monotonic=monotonic)
        self._readings: dict[Modality, Throttle[bytes]] = {
            modality: Throttle(spacing=READING_SPACING) for modality in ("face", "speech")
        }
        self._user = (("schema", str(payloads.SCHEMA)), ("device", topics.device))

    def tick(self) -> None:
        """Send what waited for its turn and repeat what is due."""
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
        return self._outbox.send_event(self._json("person", payload, expiry=int(EVENT_LIFETIME)))

    def publish_event(self, mood: Mood) -> bool:
        """One accepted change, never retained; the return to `none` is a state, not an event."""
        if mood.emotion == NONE:
            return False
        now = self._wall()
        payload = payloads.event(mood, now=now, identity=payloads.ulid(now))
        return self._outbox.send_event(self._json("event", payload, expiry=int(EVENT_LIFETIME)))

    def publish_glimpse(self, glimpse: Glimpse) -> bool:
        """A short surprise, never retained."""
        now = self._wall()
        payload = payloads.glimpse(glimpse, now=now, identity=payloads.ulid(now))
        return self._outbox.send_event(self._json("glimpse", payload, expiry=int(EVENT_LIFETIME)))

    def publish_reading(self, reading: Reading, *, backend: str) -> bool:
        """A raw reading, if `mqtt.readings` is on; at most two a second of each sense, the newest wins."""
        if not self._config.readings:
            return False
        payload = payloads.reading(reading, now=self._wall(), backend=backend)
        paced = self._readings[reading.modality]
        return self._send_reading(reading.modality, paced.offer(encode(payload), now=self._monotonic()))

    def publish_scores(self, scores: Scores) -> bool:
        """The numbers behind the mood, if `mqtt.scores` is on: at once or not at all, never retained."""
        payload = payloads.scores(scores, now=self._wall())
        return self._config.scores and self._outbox.send(self._json("scores", payload, qos=0))

    def publish_settings(self, view: Mapping[str, Any]) -> bool:
        """What counts in this room, and what of it is set for it alone; retained."""
        return self._outbox.keep(
            self._json("settings", payloads.settings(view, now=self._wall()), retain=True)
        )

    def retract(self) -> None:
        """The room is gone: the broker is to keep nothing of it."""
        for name in RETAINED:
            self._outbox.keep(Message(self.topics.of(name), b"", retain=True))

    def _json(
        self, name: str, payload: payloads.Payload, *, qos: Qos = 1, retain: bool = False, expiry: int = 0
    ) -> Message:
        topic = self.topics.of(name)
        return Message(topic, encode(payload), qos, retain, expiry=expiry or None, user=self._user)

    def _send_state(self, payload: payloads.Payload | None) -> bool:
        if payload is None:
            return False
        return self._outbox.keep(self._json("state", payload, retain=True, expiry=self._config.expiry))

    def _send_people(self, payload: payloads.Payload | None) -> bool:
        if payload is None:
            return False
        return self._outbox.keep(self._json("people", payload, retain=True, expiry=self._config.expiry))

    def _send_reading(self, modality: Modality, payload: bytes | None) -> bool:
        if payload is None:
            return False
        return self._outbox.send(Message(self.topics.of(modality), payload, 0, user=self._user))
