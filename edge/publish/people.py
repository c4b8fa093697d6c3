"""When the people of a room are told, and how: nothing in it jitters, and nobody has a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from edge.mood.people import Person, PersonEvent
from edge.publish.payloads import SCHEMA, Payload, timestamp, ulid
from edge.publish.throttle import Throttle

__all__ = ["PeopleFeed", "person_event"]

_SPACING: Final = 1.0


class PeopleFeed:
    """The newest list of people. Due when somebody arrives, leaves or changes, and at every heartbeat.

    Confidence and quality are those of the last change; places follow within a second.
    """

    def __init__(
        self, *, heartbeat: float, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._throttle: Throttle[Payload] = Throttle(spacing=_SPACING, heartbeat=heartbeat)
        self._key: object = None

    def offer(self, people: Sequence[Person]) -> Payload | None:
        """Take everybody here; the payload if it is due now."""
        now = self._monotonic()
        who = [(one.number, one.emotion) for one in people]
        key = who, [one.place for one in people]
        if key == self._key:
            return self._throttle.due(now)
        urgent = not isinstance(self._key, tuple) or self._key[0] != who
        self._key = key
        listed = [_person(one, self._wall() - (now - one.since)) for one in people]
        payload = {"schema": SCHEMA, "ts": timestamp(self._wall()), "people": listed}
        return self._throttle.offer(payload, now=now, urgent=urgent)

    def due(self, now: float) -> Payload | None:
        """The list if its turn or its repetition has come."""
        return self._throttle.due(now)


def person_event(event: PersonEvent, *, now: float, since: float) -> Payload:
    """Somebody arrived, changed or left; `now` and `since` (of the visit) are Unix seconds."""
    return {"event_type": event.kind, "id": ulid(now), "ts": timestamp(now), **_person(event.person, since)}


def _person(person: Person, since: float) -> Payload:
    return {
        "number": person.number,
        "emotion": person.emotion,
        "confidence": round(person.confidence, 2),
        "since": timestamp(since),
        "place": person.place,
        "quality": round(person.quality, 2),
    }
