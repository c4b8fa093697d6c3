"""One message on its way to the broker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

__all__ = ["JSON", "TEXT", "Message", "Qos", "encode", "packet_size"]

Qos = Literal[0, 1]
JSON = "application/json"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Message:
    """`expiry` (seconds), `content_type`, `correlation` and `user` travel over MQTT 5 only.

    `refers` says that it speaks of what other messages introduce, which go before it.
    """

    topic: str
    payload: bytes
    qos: Qos = 1
    retain: bool = False
    expiry: int | None = None
    content_type: str = JSON
    correlation: bytes | None = None
    user: tuple[tuple[str, str], ...] = ()
    refers: bool = False

    def properties(self) -> Properties:
        """The MQTT 5 properties of a PUBLISH."""
        return _describe(Properties(PacketTypes.PUBLISH), self)  # type: ignore[no-untyped-call]

    def will_properties(self) -> Properties:
        """The MQTT 5 properties of a will."""
        return _describe(Properties(PacketTypes.WILLMESSAGE), self)  # type: ignore[no-untyped-call]


def _describe(properties: Properties, message: Message) -> Properties:
    properties.PayloadFormatIndicator = 1
    properties.ContentType = message.content_type
    if message.expiry:
        properties.MessageExpiryInterval = message.expiry
    if message.correlation is not None:
        properties.CorrelationData = message.correlation
    if message.user:
        properties.UserProperty = list(message.user)
    return properties


def packet_size(message: Message, *, modern: bool) -> int:
    """Bytes of the PUBLISH packet, over MQTT 5 if `modern`."""
    identifier = 2 if message.qos else 0
    properties = len(message.properties().pack()) if modern else 0  # type: ignore[no-untyped-call]
    body = 2 + len(message.topic.encode()) + identifier + properties + len(message.payload)
    return 1 + max(1, (body.bit_length() + 6) // 7) + body


def encode(payload: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8; a value that is not finite is refused with ValueError."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
