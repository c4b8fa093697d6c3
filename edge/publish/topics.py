"""Every topic of one device and its rooms, built in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import Self

from edge.config.topic_words import TOPIC_WORDS
from edge.publish.commands import SWITCHES
from edge.publish.mqtt.subscription import Subscription

__all__ = ["Topics"]

_PRIVACY: Final = ("camera", "microphone")
_OF_ROOMS: Final = (*_PRIVACY, "settings")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below `<prefix>/<device>`, or `<prefix>/<device>/<room>`, and Home Assistant's.

    `node` names the device in Home Assistant: unique on the broker because prefix and device are.
    """

    prefix: str
    device: str
    home_assistant: str = "homeassistant"
    level: str | None = None

    def room(self, level: str | None) -> Self:
        """The topics of a room; those of the device itself without a level."""
        return replace(self, level=level)

    @property
    def base(self) -> str:
        """What every topic of this device, or of this room, starts with."""
        level = "" if self.level is None else f"/{self.level}"
        return f"{self.prefix}/{self.device}{level}"

    @property
    def node(self) -> str:
        """The device in Home Assistant's identifiers: `emotion_edge_hub`, `emotion_edge_hub__living`."""
        level = "" if self.level is None else f"__{self.level}"
        return f"{self.prefix.replace('-', '_')}_{self.device}{level}"

    @property
    def discovery(self) -> str:
        """Where the device message goes."""
        return f"{self.home_assistant}/device/{self.node}/config"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.home_assistant}/status"

    def of(self, name: str) -> str:
        """A topic of the device or room: `of("state")`, `of("camera/set")`. ValueError for others."""
        if name.split("/", 1)[0] not in TOPIC_WORDS:
            raise ValueError(f"{name!r} is not in the table of topics, edge.config.topic_words")
        return f"{self.base}/{name}"

    def subscriptions(self, *, rooms: bool = False) -> tuple[Subscription, ...]:
        """All that the daemon listens to; none of its own publications matches but identification.

        With `rooms` also the switches and settings of every room, whatever rooms there are.

        What is not privacy is shed when it floods, and requests come at QoS 0, so that they never fill the
        queue that switches wait in.
        """
        deeper = [
            Subscription(f"{self.base}/+/{name}/set", limited=name not in _PRIVACY)
            for name in (_OF_ROOMS if rooms else ())
        ]
        return (
            *deeper,
            *(Subscription(self.of(f"{name}/set"), limited=name not in _PRIVACY) for name in SWITCHES),
            Subscription(self.of("settings/set"), limited=True),
            Subscription(self.of("alert/ack"), limited=True),
            Subscription(self.of("unstored"), limited=True),
            Subscription(self.of("request/+"), qos=0, limited=True),
            Subscription(self.birth, limited=True),
        )
