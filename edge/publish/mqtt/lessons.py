"""What earlier connections have taught about the broker."""

from __future__ import annotations

import logging
from dataclasses import replace

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.limits import Limits
from edge.publish.mqtt.outage import Outage
from edge.publish.mqtt.packet_guess import PacketGuess, Suspect
from edge.publish.mqtt.will_offers import WillOffers

__all__ = ["Lessons"]

_log = logging.getLogger(__name__)


class Lessons:
    """Which will it takes, how large a packet, and whether somebody else has our client id.

    `instance` tells this process from another with our id: where the broker cuts us again and again, it is
    added to the id, so that both stay connected and can identify themselves. Times are monotonic seconds.
    """

    def __init__(self, endpoint: Endpoint, instance: str, now: float) -> None:
        self.outage = Outage(endpoint, now)
        self.wills = WillOffers()
        self._packets = PacketGuess()
        self._endpoint, self._instance = endpoint, instance

    def endpoint(self) -> Endpoint:
        """Where to connect next, and as whom."""
        if not self.outage.twin_likely:
            return self._endpoint
        return replace(self._endpoint, client_id=f"{self._endpoint.client_id}-{self._instance}")

    def tell_name(self) -> None:
        """Log under which name we are there, where it is not our own."""
        name, own = self.endpoint().client_id, self._endpoint.client_id
        if name != own:
            _log.warning(
                "the broker at %s cut %s again and again, so we are %s there: if another is called %s, "
                "give each device its own device.id",
                *(self._endpoint.address, own, name, own),
            )

    def limits(self, offered: Limits) -> Limits:
        """What to assume until the broker states it."""
        return offered.both(Limits(self._packets.limit))

    def learn(self, end: Disconnect, suspect: Suspect | None, now: float) -> None:
        """A connection is over; `suspect` is what the broker may have found too large."""
        settled = self.outage.settled(now)
        if end.cause in {Cause.CUT, Cause.LOST} and not settled:
            self._packets.cut(suspect)
        elif end.cause is Cause.UNREACHABLE or settled:
            self._packets.forget()
            self.wills.forget()
        self.outage.ended(end, now, None if settled else suspect)
        if self.outage.twin_likely:
            self._packets.forget()
