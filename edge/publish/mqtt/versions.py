"""The versions of the protocol: which are tried, and what they are called."""

from __future__ import annotations

from typing import Final, Literal

from paho.mqtt.enums import MQTTProtocolVersion

__all__ = ["NAMES", "VERSIONS", "Protocol"]

Protocol = Literal["auto", "5", "3.1.1"]
VERSIONS: Final[dict[Protocol, tuple[MQTTProtocolVersion, ...]]] = {
    "auto": (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311),
    "5": (MQTTProtocolVersion.MQTTv5,),
    "3.1.1": (MQTTProtocolVersion.MQTTv311,),
}
NAMES: Final = {MQTTProtocolVersion.MQTTv5: "5", MQTTProtocolVersion.MQTTv311: "3.1.1"}
