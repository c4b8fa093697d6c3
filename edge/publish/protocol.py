"""What the daemon needs of a publisher, whether there is a broker or not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from edge.config.plans import RoomPlan
from edge.mood.glimpse import Glimpse
from edge.mood.people import Person, PersonEvent
from edge.mood.scores import Scores
from edge.publish.payloads import Present
from edge.vocabulary import Mood, Reading

__all__ = ["Publisher", "RoomFeed"]


class RoomFeed(Protocol):
    """Tells of one room; every method returns at once, True means that something was handed over."""

    def publish_mood(self, mood: Mood, present: Present) -> bool:
        """The state, retained."""
        ...

    def publish_people(self, people: Sequence[Person]) -> bool:
        """Everybody in the picture, retained, where that is to be told."""
        ...

    def publish_person(self, event: PersonEvent) -> bool:
        """Somebody arrived, changed or left, where that is to be told."""
        ...

    def publish_event(self, mood: Mood) -> bool:
        """One accepted change of mood."""
        ...

    def publish_glimpse(self, glimpse: Glimpse) -> bool:
        """A short surprise."""
        ...

    def publish_reading(self, reading: Reading, *, backend: str) -> bool:
        """A raw reading."""
        ...

    def publish_scores(self, scores: Scores) -> bool:
        """The numbers behind the mood, where they are to be told."""
        ...


class Publisher(Protocol):
    """Tells the outside; every method returns at once, True means that something was handed over."""

    def start(self) -> object:
        """Begin to connect."""
        ...

    def stop(self) -> object:
        """Say goodbye and disconnect."""
        ...

    def tick(self) -> object:
        """Send what waited for its turn and repeat what is due."""
        ...

    def room(self, key: str) -> RoomFeed:
        """What is told of a room, by its key."""
        ...

    def have_rooms(self, plans: Sequence[RoomPlan], gone: Iterable[str] = ()) -> object:
        """Have exactly these rooms; nothing is left on the broker of those that went, and of `gone`."""
        ...

    def publish_health(self, values: Mapping[str, Any]) -> bool:
        """Health, retained, when it is due."""
        ...

    def publish_info(self, values: Mapping[str, Any]) -> bool:
        """What this device is, retained."""
        ...

    def publish_settings(
        self, view: Mapping[str, Any], rooms: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    ) -> bool:
        """What is set on top of the configuration, also of each room, retained; and what can be chosen."""
        ...

    def set_switch(self, name: str, on: bool) -> bool:
        """A switch's state, retained."""
        ...

    def keep_unstored(self, switches: Mapping[str, bool] | None) -> bool:
        """Have the broker remember switches that could not be stored, or forget them; retained."""
        ...

    def publish_alert(self, alert: Mapping[str, Any] | None) -> bool:
        """The alert to show, or that there is none; retained."""
        ...

    def watch(self, topics: Collection[str], tell: Callable[[str, bytes], None]) -> object:
        """Listen to other people's topics, instead of those watched before."""
        ...

    def publish(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """A message to anyone, now or never."""
        ...

    def health(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The daemon's health with the connection's part joined."""
        ...

    def status(self) -> Mapping[str, Any] | None:
        """All about the connection; None where there is to be none."""
        ...
