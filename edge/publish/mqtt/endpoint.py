"""Where a connection goes, and what its failures mean."""

from __future__ import annotations

import errno
import ssl
from dataclasses import dataclass
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.message import Message

__all__ = ["Endpoint", "refusal", "unreachable"]

_PROTOCOL_REFUSED: Final = 0x84
_RETAIN_REFUSED: Final = 0x9A
_QOS_REFUSED: Final = 0x9B
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN})
_BAD_CREDENTIALS: Final = frozenset({0x86, 0x87, 0x8C})
_REFUSALS: Final = {
    _PROTOCOL_REFUSED: Cause.PROTOCOL,
    _RETAIN_REFUSED: Cause.RETAIN_REFUSED,
    _QOS_REFUSED: Cause.QOS_REFUSED,
}


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
    if reason.value in _BAD_CREDENTIALS:
        return Disconnect(Cause.CREDENTIALS, str(reason))
    return Disconnect(_REFUSALS.get(reason.value, Cause.REFUSED), str(reason))


def unreachable(error: Exception) -> Disconnect:
    """What a failing connection attempt means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Disconnect(Cause.TLS, error.verify_message)
    if isinstance(error, ssl.SSLError):
        return Disconnect(Cause.TLS, (error.reason or str(error)).replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return Disconnect(Cause.UNREACHABLE, "no answer in time")
    if not isinstance(error, OSError | ValueError):
        return Disconnect(Cause.LOCAL, str(error) or type(error).__name__)
    if isinstance(error, OSError) and error.errno in _EXHAUSTED:
        return Disconnect(Cause.LOCAL, error.strerror or str(error))
    return Disconnect(Cause.UNREACHABLE, getattr(error, "strerror", None) or str(error))
