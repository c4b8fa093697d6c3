"""Why there is no connection, in words, and how long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["Cause", "Disconnect", "ReconnectDelays", "explain"]


class Cause(Enum):
    """How a connection, or the attempt at one, ended."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    PROTOCOL = "protocol"
    SILENT = "silent"
    HUNG_UP = "hung up"
    """Closed by the other side instead of an answer."""
    CREDENTIALS = "credentials"
    REFUSED = "refused"
    RETAIN_REFUSED = "retained will refused"
    QOS_REFUSED = "QoS of the will refused"
    TAKEN_OVER = "taken over"
    LOST = "lost"
    CUT = "cut"
    """Lost without a word from the broker."""
    OVERSIZED = "oversized"
    LOCAL = "local"
    """This process could not go on: no descriptors, no threads, a fault."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The end of one connection: its cause and the broker's or the system's own words."""

    cause: Cause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReconnectDelays:
    """Seconds between attempts: a twentieth of the outage so far, within bounds, a third of it random.

    A broker that restarts is found again within a second or two, one that is away for a day costs two
    attempts a minute, and a thousand hubs do not come back in the same instant. What a human must
    mend first (refused credentials, a certificate, a second client with our name) is tried slowly.
    """

    least: float = 0.25
    most: float = 30.0
    slow_least: float = 5.0
    slow_most: float = 60.0

    def after(self, end: Disconnect, outage: float, *, share: Callable[[], float] = random.random) -> float:
        """How long to wait; `outage` is seconds without a connection, `share` gives 0..1."""
        slow = end.cause in _SLOW
        low, high = (self.slow_least, self.slow_most) if slow else (self.least, self.most)
        return min(max(outage / 20.0, low), high) * (1.0 - share() / 3.0)


_SLOW: Final = frozenset(
    {Cause.CREDENTIALS, Cause.TLS, Cause.REFUSED, Cause.TAKEN_OVER, Cause.OVERSIZED, Cause.LOCAL}
)
_SENTENCES: Final = {
    Cause.UNREACHABLE: "no broker at {address}{detail}: check mqtt.host and mqtt.port, or start it",
    Cause.TLS: "no TLS connection to {address}{detail}: check mqtt.tls (ca, certificate, key) and mqtt.port",
    Cause.PROTOCOL: "{address} does not speak this MQTT version{detail}: set mqtt.protocol to auto",
    Cause.SILENT: "{address} does not answer{detail}: check mqtt.port and mqtt.tls",
    Cause.HUNG_UP: "{address} closed the connection without an answer{detail}: check mqtt.port and mqtt.tls",
    Cause.CREDENTIALS: "the broker at {address} refused {who}{detail}:"
    " check mqtt.username and mqtt.password_file",
    Cause.REFUSED: "the broker at {address} refused the connection{detail}: see the broker's log",
    Cause.RETAIN_REFUSED: "the broker at {address} refused a retained will{detail}",
    Cause.QOS_REFUSED: "the broker at {address} refused a will of QoS 1{detail}",
    Cause.TAKEN_OVER: "another client connects to {address} as {client}: give each device its own device.id",
    Cause.LOST: "the connection to {address} was lost{detail}",
    Cause.CUT: "the connection to {address} was lost{detail}",
    Cause.OVERSIZED: "the broker at {address} sent a packet that is too large{detail}: clear what is retained"
    " on the command topics",
    Cause.LOCAL: "no connection to {address} can be made{detail}: see the limits of this process",
    Cause.CLOSED: "the connection to {address} is closed",
}


def explain(end: Disconnect, *, address: str, user: str | None, client: str) -> str:
    """One sentence naming the broker, what happened and the remedy."""
    return _SENTENCES[end.cause].format(
        address=address,
        client=client,
        detail=f" ({end.detail})" if end.detail else "",
        who=f"user {user!r}" if user else "a client without a user name",
    )
