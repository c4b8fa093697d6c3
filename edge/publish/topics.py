"""Every topic of one device, built in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.publish.commands import SWITCHES
from edge.publish.mqtt.subscription import Subscription

__all__ = ["Topics"]

_PRIVACY: Final = ("camera", "microphone")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below `<prefix>/<device>`, and Home Assistant's.

    `node` names the device in Home Assistant: unique on the broker because prefix and device are.
    """

    prefix: str
    device: str
    home_assistant: str = "homeassistant"

    @property
    def base(self) -> str:
        """What every topic of this device starts with."""
        return f"{self.prefix}/{self.device}"

    @property
    def node(self) -> str:
        """The device in Home Assistant's identifiers: `emotion_edge_livingroom`."""
        return f"{self.prefix.replace('-', '_')}_{self.device}"

    @property
    def discovery(self) -> str:
        """Where the device message goes."""
        return f"{self.home_assistant}/device/{self.node}/config"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.home_assistant}/status"

    def of(self, name: str) -> str:
        """A topic of the device: `of("state")`, `of("camera/set")`."""
        return f"{self.base}/{name}"

    def subscriptions(self) -> tuple[Subscription, ...]:
        """All that the daemon listens to; none of its own publications matches but identification.

        What is not privacy is shed when it floods, and requests come at QoS 0, so that they never fill the
        queue that switches wait in.
        """
        return (
            *(Subscription(self.of(f"{name}/set"), limited=name not in _PRIVACY) for name in SWITCHES),
            Subscription(self.of("settings/set"), limited=True),
            Subscription(self.of("alert/ack"), limited=True),
            Subscription(self.of("request/+"), qos=0, limited=True),
            Subscription(self.birth, limited=True),
        )
