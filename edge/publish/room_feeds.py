"""The rooms that are published: one feed for each; of those that go nothing is left on the broker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from edge.config.models import MqttConfig
from edge.config.plans import RoomPlan
from edge.publish.announcing import Announcer
from edge.publish.mqtt.message import Message
from edge.publish.mqtt.outbox import Outbox
from edge.publish.room_publisher import RoomPublisher
from edge.publish.topics import Topics

__all__ = ["RoomFeeds"]


class RoomFeeds:
    """Without `plans` there is the device's own mood alone, under the empty key."""

    def __init__(
        self,
        plans: Sequence[RoomPlan],
        topics: Topics,
        config: MqttConfig,
        outbox: Outbox,
        *,
        announcer: Announcer,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._topics, self._config, self._outbox = topics, config, outbox
        self._announcer = announcer
        self._wall, self._monotonic = wall, monotonic
        keys = [plan.key for plan in plans] or [""]
        self._feeds = {key: self._new(key or None) for key in keys}
        if "" not in self._feeds:
            for name in ("state", "people"):
                outbox.keep(Message(topics.of(name), b"", retain=True))

    @property
    def levels(self) -> frozenset[str]:
        """The levels of the rooms in topics."""
        return frozenset(self._feeds) - {""}

    def room(self, key: str) -> RoomPublisher:
        """What is told of a room, by its key; KeyError for one that is not there."""
        return self._feeds[key]

    def have(self, plans: Sequence[RoomPlan], gone: Iterable[str]) -> None:
        """Have exactly these rooms; nothing is left of those that went, and of `gone`."""
        before, self._feeds = self._feeds, {}
        for plan in plans:
            known = before.pop(plan.key) if plan.key in before else None
            self._feeds[plan.key] = known or self._new(plan.level)
        for key in {*before, *gone} - self._feeds.keys():
            self._new(key).retract()
            self._announcer.remove(key)
        self._announcer.rooms(plans)

    def tick(self) -> None:
        """Send what waited for its turn and repeat what is due."""
        for feed in self._feeds.values():
            feed.tick()

    def _new(self, level: str | None) -> RoomPublisher:
        return RoomPublisher(
            self._topics.room(level),
            self._config,
            self._outbox,
            wall=self._wall,
            monotonic=self._monotonic,
        )
