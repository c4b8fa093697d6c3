"""What a client listens to."""

from __future__ import annotations

from dataclasses import dataclass

from edge.publish.mqtt.message import Qos

__all__ = ["Subscription"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter; a `limited` one is shed when it is flooded."""

    filter: str
    qos: Qos = 1
    limited: bool = False
