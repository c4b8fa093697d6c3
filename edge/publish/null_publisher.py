"""The publisher of a daemon without a broker: it does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["NullPublisher"]


def _nothing(self: object, *_: object, **__: object) -> bool:  # noqa: ARG001
    """Nothing is sent."""
    return False


class NullRoom:
    """Takes everything that is to be told of a room."""

    publish_mood = publish_event = publish_reading = publish_scores = _nothing
    publish_people = publish_person = publish_glimpse = _nothing


class NullPublisher:
    """Takes everything a publisher takes and tells nobody."""

    start = stop = tick = have_rooms = _nothing
    publish_health = publish_info = publish_settings = set_switch = publish = _nothing
    watch = publish_alert = keep_unstored = _nothing

    def room(self, _key: str) -> NullRoom:
        """One is as good as another."""
        return NullRoom()

    def health(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The daemon's own: there is no connection that could have problems."""
        return {**values, "mqtt": {"reconnects": 0}}

    def status(self) -> None:
        """There is no connection."""
        return
