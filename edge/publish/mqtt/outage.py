"""Why there is no connection, since when, and whether it has been said."""

from __future__ import annotations

import logging
from typing import Final

from edge.publish.mqtt.disconnect import Cause, Disconnect, explain
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.packet_guess import Suspect

__all__ = ["CUTS_OF_A_TWIN", "REMINDER", "SETTLED", "Outage"]

_log = logging.getLogger(__name__)

SETTLED: Final = 30.0
"""Seconds after which a connection counts as good; an earlier loss continues the outage before it."""
CUTS_OF_A_TWIN: Final = 3
"""So many connections in a row, cut before they settled by a broker that stays there, with nothing large on
its way, may mean a second client with our id: over MQTT 3.1.1 no broker says so."""
REMINDER: Final = 600.0
"""Seconds between two equal log lines."""


class Outage:
    """Follows the client's connections. All times are monotonic seconds."""

    def __init__(self, endpoint: Endpoint, now: float) -> None:
        self.connections = 0
        self._endpoint = endpoint
        self._end = Disconnect(Cause.CLOSED)
        self._since: float | None = now
        self._opened_at = now
        self._cuts = 0
        self._told: tuple[str, float] = ("", 0.0)

    @property
    def twin_likely(self) -> bool:
        """Whether another client may have our id, so that another id should be tried."""
        return self._cuts >= CUTS_OF_A_TWIN

    def opened(self, now: float) -> None:
        """There is a connection."""
        self.connections += 1
        self._opened_at = now
        self._told = ("", 0.0)

    def age(self, now: float) -> float:
        """Seconds since the newest connection was opened."""
        return now - self._opened_at

    def settled(self, now: float) -> bool:
        """Whether the newest connection has lasted so long that its loss has nothing to do with its start."""
        return self.age(now) >= SETTLED

    def ended(self, end: Disconnect, now: float, suspect: Suspect | None = None) -> None:
        """A connection, or the attempt at one, is over; `suspect` is what may have been too large."""
        cut = end.cause is Cause.CUT
        if self.settled(now) and (cut or end.cause in {Cause.LOST, Cause.TAKEN_OVER}):
            self._since = None
            self._cuts = 0
        if self._since is None:
            self._since = now
        self._cuts = self._cuts + (suspect is None) if cut else 0
        if cut and suspect is not None:
            end = Disconnect(Cause.CUT, str(suspect))
        self._end = end
        self._tell(now)

    def duration(self, now: float) -> float:
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
