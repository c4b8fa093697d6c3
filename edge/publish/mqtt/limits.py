"""What a broker takes, and what of a message is left within that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from paho.mqtt.properties import Properties

from edge.publish.mqtt.message import Message, Qos, packet_size

__all__ = ["Limits", "losses", "stated"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`packet` is the size of the largest packet in bytes, None where no limit is known."""

    packet: int | None = None
    retain: bool = True
    qos: Qos = 1

    def apply(self, message: Message) -> Message:
        """The message with the flags that the broker allows."""
        if (message.retain and not self.retain) or message.qos > self.qos:
            qos: Qos = 0 if self.qos == 0 else message.qos
            return replace(message, retain=message.retain and self.retain, qos=qos)
        return message

    def excess(self, message: Message, *, modern: bool) -> int | None:
        """The size in bytes of a message that is too large, None for one that is not."""
        if self.packet is None:
            return None
        size = packet_size(message, modern=modern)
        return size if size > self.packet else None

    def both(self, other: Limits) -> Limits:
        """The stricter of two in every respect."""
        packets = [packet for packet in (self.packet, other.packet) if packet is not None]
        return Limits(
            min(packets, default=None),
            self.retain and other.retain,
            0 if 0 in (self.qos, other.qos) else 1,
        )


def stated(properties: Properties | None) -> Limits:
    """The limits that a CONNACK of MQTT 5 states."""
    return Limits(
        getattr(properties, "MaximumPacketSize", None),
        getattr(properties, "RetainAvailable", 1) != 0,
        0 if getattr(properties, "MaximumQoS", 2) == 0 else 1,
    )


def losses(limits: Limits, left_out: Mapping[str, int], address: str) -> list[str]:
    """What these limits cost, a sentence each with its remedy; `left_out` are sizes in bytes by topic."""
    found = []
    if not limits.retain:
        found.append(
            f"mqtt: the broker at {address} retains nothing, so who subscribes later sees a value only when"
            " it is published again, and no `offline` stays: let it retain (mosquitto: retain_available true)"
        )
    if limits.qos == 0:
        found.append(
            f"mqtt: the broker at {address} offers QoS 0 only, so what is sent while the network fails is"
            " lost: let it offer QoS 1 (mosquitto: max_qos 2)"
        )
    if left_out:
        named = ", ".join(f"{topic} ({size} bytes)" for topic, size in sorted(left_out.items()))
        found.append(
            f"mqtt: the broker at {address} takes packets of {limits.packet} bytes at most, so {named} is not"
            " published: raise its limit (mosquitto: max_packet_size)"
        )
    return found
