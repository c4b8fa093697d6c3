"""Where a connection goes, and what its failures mean."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.message import Message

__all__ = ["Endpoint", "refusal", "unreachable"]

_PROTOCOL_REFUSED: Final = 0x84
_BAD_CREDENTIALS: Final = frozenset({0x86, 0x87, 0x8C})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to connect, and as whom."""

    host: str
    port: int
    client_id: str
    keepalive: int
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    will: Message | None = None
    timeout: float = 5.0

    @property
    def address(self) -> str:
        """`host:port`, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def refusal(reason: ReasonCode) -> Disconnect:
    """What a failing CONNACK means."""
    if reason.value == _PROTOCOL_REFUSED:
        return Disconnect(Cause.PROTOCOL, str(reason))
    if reason.value in _BAD_CREDENTIALS:
        return Disconnect(Cause.CREDENTIALS, str(reason))
    return Disconnect(Cause.REFUSED, str(reason))


def unreachable(error: OSError | ValueError) -> Disconnect:
    """What a failing connection attempt means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Disconnect(Cause.TLS, error.verify_message)
    if isinstance(error, ssl.SSLError):
        return Disconnect(Cause.TLS, (error.reason or str(error)).replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return Disconnect(Cause.UNREACHABLE, "no answer in time")
    return Disconnect(
        Cause.UNREACHABLE, (error.strerror if isinstance(error, OSError) else None) or str(error)
    )
