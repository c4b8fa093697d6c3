"""What is wrong with the connection, since when, and whether it has been said."""

from __future__ import annotations

import logging
from typing import Final

from edge.publish.mqtt.disconnect import Cause, Disconnect, explain
from edge.publish.mqtt.endpoint import Endpoint

__all__ = ["CUTS_OF_A_TWIN", "REMINDER", "SETTLED", "Outage"]

_log = logging.getLogger(__name__)

SETTLED: Final = 30.0
"""Seconds after which a connection counts as good; an earlier loss continues the outage before it."""
CUTS_OF_A_TWIN: Final = 3
"""So many connections in a row, cut before they settled by a broker that stays there, mean a second
client with our id: not every broker says so."""
REMINDER: Final = 600.0
"""Seconds between two equal log lines."""


class Outage:
    """Follows the link's connections. All times are monotonic seconds."""

    def __init__(self, endpoint: Endpoint, now: float) -> None:
        self.connections = 0
        self._endpoint = endpoint
        self._end = Disconnect(Cause.CLOSED)
        self._since: float | None = now
        self._opened_at = now
        self._cuts = 0
        self._told: tuple[str, float] = ("", 0.0)

    def opened(self, now: float) -> None:
        """There is a connection."""
        self.connections += 1
        self._opened_at = now
        self._told = ("", 0.0)

    def ended(self, end: Disconnect, now: float) -> Disconnect:
        """A connection, or the attempt at one, is over; returns what that means after those before it."""
        if end.cause in {Cause.LOST, Cause.CUT, Cause.TAKEN_OVER} and now - self._opened_at >= SETTLED:
            self._since = None
            self._cuts = 0
        if self._since is None:
            self._since = now
        self._cuts = self._cuts + 1 if end.cause is Cause.CUT else 0
        if self._cuts >= CUTS_OF_A_TWIN:
            end = Disconnect(Cause.TAKEN_OVER, "it closes every connection soon after it was opened")
        self._end = end
        self._tell(now)
        return end

    def outage(self, now: float) -> float:
        """Seconds since the last settled connection."""
        return now - self._since if self._since is not None else 0.0

    def explain(self) -> str:
        """Why there is no connection, in one sentence."""
        endpoint = self._endpoint
        return explain(self._end, address=endpoint.address, user=endpoint.username, client=endpoint.client_id)

    def _tell(self, now: float) -> None:
        text = self.explain()
        said, at = self._told
        if text != said or now - at >= REMINDER:
            _log.warning("%s; trying on", text)
            self._told = (text, now)
