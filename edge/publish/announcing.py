"""Home Assistant's discovery messages of a device and its rooms; that of a room is removed with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.config.models import DeviceConfig
from edge.config.plans import RoomPlan
from edge.publish import homeassistant
from edge.publish.entities import of_a_room, of_the_device, offered
from edge.publish.entity import Entity
from edge.publish.mqtt.outbox import Outbox
from edge.publish.topics import Topics

__all__ = ["Announcer"]


class Announcer:
    """Keeps the messages in the outbox, where Home Assistant is wanted (`enabled`)."""

    def __init__(
        self,
        topics: Topics,
        device: DeviceConfig,
        outbox: Outbox,
        *,
        version: str,
        url: str | None,
        scores: bool,
        enabled: bool,
        rooms: Sequence[RoomPlan] = (),
    ) -> None:
        self._topics, self._device, self._outbox = topics, device, outbox
        self._version, self._url = version, url
        self._scores, self._enabled = scores, enabled
        self._choices: Mapping[str, Sequence[str]] = {}
        self._rooms = tuple(rooms)

    def know(self, choices: Mapping[str, Sequence[str]]) -> bool:
        """Take in what there is to choose on this device; whether that is news."""
        if choices == self._choices:
            return False
        self._choices = choices
        self.announce()
        return True

    def entities(self) -> tuple[Entity, ...]:
        """What the device itself offers."""
        every = self._every()
        return every if not self._several else of_the_device(every)

    def rooms(self, plans: Sequence[RoomPlan]) -> None:
        """These are the rooms from now on; the devices of those that are gone disappear."""
        for gone in {plan.level for plan in self._rooms} - {plan.level for plan in plans}:
            self.remove(gone)
        before, self._rooms = self._rooms, tuple(plans)
        if [_announced(plan) for plan in plans] != [_announced(plan) for plan in before]:
            self.announce()

    def remove(self, level: str | None) -> None:
        """Make a room's device disappear; that of the daemon itself stays."""
        if level is not None and self._enabled:
            self._outbox.keep(homeassistant.removal(self._topics.room(level)))

    def announce(self) -> None:
        """The device first, since its rooms refer to it."""
        if not self._enabled:
            return
        self._keep(None, self.entities())
        for plan in self._rooms if self._several else ():
            self._keep(plan, of_a_room(self._every(), plan))

    @property
    def _several(self) -> bool:
        return any(plan.level is not None for plan in self._rooms)

    def _every(self) -> tuple[Entity, ...]:
        return offered(scores=self._scores, choices=self._choices)

    def _keep(self, plan: RoomPlan | None, entities: Sequence[Entity]) -> None:
        gone = [entity for entity in self._every() if entity.scope == "room"] if self._several else []
        message = homeassistant.discovery(
            self._topics if plan is None else self._topics.room(plan.level),
            self._device,
            version=self._version,
            url=self._url,
            entities=entities,
            room=plan,
            gone=gone if plan is None else (),
        )
        self._outbox.keep(message)


def _announced(plan: RoomPlan) -> tuple[object, ...]:
    """What of a room its message tells."""
    return plan.level, plan.name, plan.area, plan.has("camera"), plan.has("microphone")
