"""Lights behind a bridge, a server or an address of their own; and the list of all lights."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from edge.config.base import Port
from edge.config.presets.light_parameters import Light
from edge.config.presets.lights import EspHome, Tasmota, Wled, Zigbee2Mqtt
from edge.config.presets.parameters import Filled, Served, Spec, Url

__all__ = ["LIGHTS", "Govee", "Hue", "HyperHdr"]

_Id = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class Hue(Light, Served):
    """A light, group or scene of a Hue bridge."""

    name_: ClassVar[str] = "hue"
    title_: ClassVar[str] = "Philips Hue through its bridge (CLIP v2)"
    source_: ClassVar[str] = "https://developers.meethue.com/develop/hue-api-v2/api-reference/"
    example_: ClassVar[dict[str, Any]] = {
        "url": "https://192.168.1.20",
        "light": "3a6710fa-4474-4eba-b533-5e6e72968feb",
        "key_file": "hue-key",
        "bridge_id": "ecb5fafffe1234ab",
        "ca": "hue-bridge.pem",
        "color": "#FFB347",
        "brightness": 60,
        "transition": 2,
    }

    url: Url
    """Address of the bridge."""
    key_file: Path
    """File whose first line is the application key."""
    light: _Id | None = None
    """Id of the light."""
    group: _Id | None = None
    """Or of the grouped light of a room or zone."""
    scene: _Id | None = None
    """Or of a scene to recall, instead of setting a colour."""
    bridge_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{16}$")] | None = None
    """The bridge's id, which its certificate bears as name."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One thing is driven."""
        yield from super().conflicts()
        named = [name for name in ("light", "group", "scene") if getattr(self, name) is not None]
        if len(named) != 1:
            yield "light", f"needs exactly one of light, group, scene; found {' and '.join(named) or 'none'}"

    def actions(self) -> list[Spec]:
        """One call."""
        kind = "light" if self.light else "grouped_light" if self.group else "scene"
        address = f"{self.url}/clip/v2/resource/{kind}/{self.light or self.group or self.scene}"
        keys = {"hue-application-key": self.key_file}
        name = None if self.bridge_id is None else self.bridge_id.lower()
        trust = {"header_files": keys, "server_name": name}
        http = self.http_to(address, self._recall() if self.scene else self._body(), method="PUT", **trust)
        spec: Spec = {"http": http, "target": f"hue {kind} {address.rpartition('/')[2]}"}
        if self.light is not None:
            spec["thing"] = {
                "kind": "hue",
                "address": address,
                "transition": 1.0 if self.transition is None else self.transition,
                "ca": self.ca,
                "verify": self.verify,
                **trust,
            }
        return [spec]

    def _fading(self) -> dict[str, Any]:
        return {} if self.transition is None else {"duration": round(self.transition * 1000)}

    def _recall(self) -> dict[str, Any]:
        return {"recall": {"action": "active", **self._fading()}}

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"on": {"on": self.state == "on"}}
        if self.brightness is not None:
            body["dimming"] = {"brightness": self.brightness}
        if self.channels is not None:
            body["color"] = {"xy": _xy(self.channels)}
        if self.mireds is not None:
            body["color_temperature"] = {"mirek": min(500, max(153, self.mireds))}
        return {**body, **({"dynamics": self._fading()} if self.transition is not None else {})}


class HyperHdr(Light, Served):
    """HyperHDR: a colour or an effect above what it grabs."""

    name_: ClassVar[str] = "hyperhdr"
    title_: ClassVar[str] = "Ambient light of HyperHDR"
    source_: ClassVar[str] = "https://github.com/awawa-dev/HyperHDR/wiki/JSON-API"
    example_: ClassVar[dict[str, Any]] = {"url": "http://hyperhdr.local:8090", "color": "#3A6EA5"}

    url: Url
    """Address of its web server."""
    priority: Annotated[int, Field(ge=1, le=253)] = 50
    """Lower wins; the grabbers are at 240 and above."""
    effect: Filled | None = None
    """Name of an effect instead of a colour."""
    token_file: Path | None = None
    """File whose first line is `token …`, where it asks for one."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """It shows a colour, an effect, or what it grabs."""
        yield from super().conflicts()
        if self.temperature is not None:
            yield "temperature", "HyperHDR takes no temperature; set color, for a warm white #FFB46B"
        if self.state == "on" and self.color is None and self.effect is None:
            yield "color", "set color or effect; state: off gives the light back to what is grabbed"

    def actions(self) -> list[Spec]:
        """One call."""
        keys = {} if self.token_file is None else {"Authorization": self.token_file}
        http = self.http_to(f"{self.url}/json-rpc", self._command(), header_files=keys)
        return [{"http": http, "target": f"hyperhdr {self.url}"}]

    def _command(self) -> dict[str, Any]:
        if self.state == "off":
            return {"command": "clear", "priority": self.priority}
        shown = {"priority": self.priority, "origin": "emotion-edge"}
        if self.effect is not None:
            return {"command": "effect", "effect": {"name": self.effect}, **shown}
        share = 1.0 if self.brightness is None else self.brightness / 100
        return {"command": "color", "color": [round(one * share) for one in self.channels or ()], **shown}


class Govee(Light):
    """A light of Govee with its LAN control switched on; it acknowledges nothing."""

    name_: ClassVar[str] = "govee"
    title_: ClassVar[str] = "Govee light over the local network"
    source_: ClassVar[str] = "https://app-h5.govee.com/user-manual/wlan-guide"
    example_: ClassVar[dict[str, Any]] = {"address": "192.168.1.31", "color": "#FFB347", "brightness": 60}

    address: IPv4Address
    """Its address."""
    port: Port = 4003
    """Where it listens."""

    def actions(self) -> list[Spec]:
        """One datagram for power, one for the brightness, one for the colour."""
        steps = [self._message("turn", {"value": int(self.state == "on")})]
        if self.state == "on":
            steps += self._look()
        return steps

    def _look(self) -> list[Spec]:
        found = []
        if self.brightness is not None:
            found.append(self._message("brightness", {"value": max(1, self.brightness)}))
        if self.channels is not None:
            color = dict(zip("rgb", self.channels, strict=True))
            found.append(self._message("colorwc", {"color": color, "colorTemInKelvin": 0}))
        if self.temperature is not None:
            white = {
                "color": {"r": 0, "g": 0, "b": 0},
                "colorTemInKelvin": min(9000, max(2000, self.temperature)),
            }
            found.append(self._message("colorwc", white))
        return found

    def _message(self, command: str, data: dict[str, Any]) -> Spec:
        payload = {"msg": {"cmd": command, "data": data}}
        udp = {"address": str(self.address), "port": self.port, "payload": payload}
        return {"udp": udp, "target": f"govee {self.address}"}


def _xy(channels: tuple[int, int, int]) -> dict[str, float]:
    """CIE 1931 coordinates of an sRGB colour (IEC 61966-2-1, D65)."""
    red, green, blue = (_linear(channel / 255) for channel in channels)
    x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    total = x + y + z
    if total == 0:
        return {"x": 0.3127, "y": 0.329}
    return {"x": round(x / total, 4), "y": round(y / total, 4)}


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


LIGHTS: Final[tuple[type[Light], ...]] = (Zigbee2Mqtt, Wled, Tasmota, EspHome, Hue, HyperHdr, Govee)
