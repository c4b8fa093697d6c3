"""What a hub says and when: the messages of a household's device, without camera and models. Pure."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge import __version__
from edge.config.models import DeviceConfig
from edge.publish import homeassistant, payloads
from edge.publish.mqtt.message import Message, encode
from edge.publish.presence import availability
from edge.publish.topics import Topics
from edge.vocabulary import LABELS, NONE, Mood

__all__ = ["HEARTBEAT", "Behaviour", "VirtualHub"]

HEARTBEAT: Final = 60.0
_SITES, _ROOMS = 20, 8


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How lively a room is: changes of mood a minute, and the prefix of all topics."""

    changes: float = 3.0
    prefix: str = "emotion-edge"


@dataclass(slots=True)
class VirtualHub:
    """One device: named by site and room, with moods that come and go and a heartbeat of its own phase."""

    number: int
    behaviour: Behaviour
    rng: random.Random
    mood: str = NONE
    since: float = 0.0
    _due: list[tuple[float, str]] = field(default_factory=list)

    @property
    def device(self) -> DeviceConfig:
        """Site and room are in the id, so that one ACL pattern covers a site."""
        site, room = f"site{self.number % _SITES:02d}", f"room{self.number // _SITES % _ROOMS}"
        return DeviceConfig(
            id=f"{site}-{room}-{self.number:06d}", name=f"Hub {self.number}", site=site, room=room
        )

    @property
    def topics(self) -> Topics:
        """Its topics."""
        return Topics(self.behaviour.prefix, self.device.id)

    def will(self) -> Message:
        """What the broker says when it dies."""
        return availability(self.topics, homeassistant.OFFLINE)

    def birth_messages(self, now: float, wall: float) -> Iterator[Message]:
        """All it says on connecting, and the plan of what follows; `now` is monotonic seconds."""
        topics = self.topics
        self.since = wall
        self._due = [(now + self._pause(), "change"), (now + self.rng.uniform(0, HEARTBEAT), "heartbeat")]
        heapq.heapify(self._due)
        yield availability(topics, homeassistant.ONLINE)
        yield homeassistant.discovery(topics, self.device, version=__version__)
        for switch in ("camera", "microphone", "actions"):
            yield Message(topics.of(switch), b"ON", retain=True)
        yield self._state(wall)

    @property
    def next_at(self) -> float:
        """When it speaks next."""
        return self._due[0][0]

    def due_messages(self, now: float, wall: float) -> Iterator[Message]:
        """What is due: a change of mood (event and state), or the heartbeat (state and health)."""
        while self._due[0][0] <= now:
            at, what = heapq.heappop(self._due)
            if what == "change":
                heapq.heappush(self._due, (now + self._pause(), what))
                yield from self._change(wall)
            else:
                heapq.heappush(self._due, (at + HEARTBEAT, what))
                yield self._state(wall)
                yield self._health()

    def _pause(self) -> float:
        return self.rng.expovariate(self.behaviour.changes / 60.0)

    def _change(self, wall: float) -> Iterator[Message]:
        self.mood, previous = self.rng.choice([label for label in LABELS if label != self.mood]), self.mood
        self.since = wall
        mood = self._as_mood(previous)
        event = payloads.event(mood, now=wall, identity=payloads.ulid(wall))
        yield self._state(wall, previous)
        yield Message(self.topics.of("event"), encode(event), expiry=5)

    def _state(self, wall: float, previous: str = NONE) -> Message:
        state = payloads.state(
            self._as_mood(previous), present=payloads.Present(1, False), now=wall, since=self.since
        )
        return Message(self.topics.of("state"), encode(state), retain=True, expiry=180)

    def _health(self) -> Message:
        face = {"fps": 14.8, "latency_ms": 7.4, "p95_ms": 9.1, "backend": "tensorrt", "dropped": 3}
        values = {"status": "ok", "problems": [], "uptime_s": 812, "face": face}
        health = payloads.health(values, mqtt={"reconnects": 0, "protocol": "5"}, problems=[])
        return Message(self.topics.of("health"), encode(health), qos=0, retain=True)

    def _as_mood(self, previous: str) -> Mood:
        return Mood(
            self.mood, 0.81, np.full(7, 1 / 7), "fused", since=0.0, captured_at=0.0, previous=previous
        )
