"""Light presets: what every light takes, translated into what each system understands."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from edge.config.presets.light_parameters import Channels, Light, fading, present, scaled
from edge.config.presets.parameters import Filled, Level, Spec, Url, message

__all__ = ["EspHome", "Tasmota", "Wled", "Zigbee2Mqtt"]


class Zigbee2Mqtt(Light):
    """A light or group of zigbee2mqtt."""

    name_: ClassVar[str] = "zigbee2mqtt"
    title_: ClassVar[str] = "Zigbee light or group through zigbee2mqtt"
    source_: ClassVar[str] = "https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html"
    example_: ClassVar[dict[str, Any]] = {
        "name": "living room",
        "color": "#FFB347",
        "brightness": 70,
        "transition": 2,
    }

    name: Level
    """Friendly name of the light or group."""
    base: Level = "zigbee2mqtt"
    """Base topic of zigbee2mqtt."""
    scene: Annotated[int, Field(ge=0, le=255)] | None = None
    """Recall this scene instead of setting a colour."""
    effect: Filled | None = None
    """Effect such as blink, breathe, okay or stop_effect, where the lamp has it."""

    def actions(self) -> list[Spec]:
        """One message, and a second one for an effect."""
        topic = f"{self.base}/{self.name}/set"
        payloads: list[dict[str, Any]] = (
            [{"scene_recall": self.scene}] if self.scene is not None else [self._payload()]
        )
        if self.effect is not None:
            payloads.append({"effect": self.effect})
        thing = {
            "kind": "zigbee2mqtt",
            "address": f"{self.base}/{self.name}",
            "transition": fading(self.transition),
        }
        return [message(topic, payload, topic, thing=thing) for payload in payloads]

    def _payload(self) -> dict[str, Any]:
        return present(
            state=self.state.upper(),
            brightness=scaled(self.brightness, 254),
            color=None if self.color is None else {"hex": self.color},
            color_temp=self.mireds,
            transition=self.transition,
        )


class Wled(Light):
    """A WLED controller."""

    name_: ClassVar[str] = "wled"
    title_: ClassVar[str] = "WLED light strip"
    source_: ClassVar[str] = "https://kno.wled.ge/interfaces/mqtt/"
    example_: ClassVar[dict[str, Any]] = {
        "id": "strip",
        "color": "#FFA000",
        "brightness": 50,
        "transition": 2,
    }

    id: Level = "all"
    """Device topic set in WLED, or `all`."""
    base: Level = "wled"
    """First level of the topic."""
    effect: Annotated[int, Field(ge=0, le=255)] | None = None
    """Number of the effect; 0 is solid, 2 breathes."""
    saved: Annotated[int, Field(ge=1, le=250)] | None = None
    """Load this saved preset of WLED instead of setting a colour."""
    url: Url | None = None
    """Address of the controller; needed for putting back what it showed before."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """WLED mixes its white itself."""
        yield from super().conflicts()
        if self.temperature is not None:
            yield "temperature", "WLED takes no temperature; set color, for a warm white #FFB46B"

    def actions(self) -> list[Spec]:
        """One message of the JSON interface."""
        topic = f"{self.base}/{self.id}/api"
        payload = {"ps": self.saved} if self.saved is not None else self._payload()
        if self.url is None:
            return [message(topic, payload, topic)]
        thing = {"kind": "wled", "address": self.url, "transition": fading(self.transition)}
        return [message(topic, payload, topic, thing=thing)]

    def _payload(self) -> dict[str, Any]:
        segment = present(
            fx=0 if self.effect is None and self.color is not None else self.effect,
            col=None if self.channels is None else [list(self.channels)],
        )
        return present(
            on=self.state == "on",
            bri=scaled(self.brightness, 255),
            transition=None if self.transition is None else round(self.transition * 10),
            seg=[segment] if segment else None,
        )


class Tasmota(Light):
    """A light with Tasmota."""

    name_: ClassVar[str] = "tasmota"
    title_: ClassVar[str] = "Light with Tasmota firmware"
    source_: ClassVar[str] = "https://tasmota.github.io/docs/Commands/"
    example_: ClassVar[dict[str, Any]] = {
        "topic": "lamp",
        "color": "#FFB347",
        "brightness": 60,
        "transition": 2,
    }

    topic: Level
    """Topic of the device."""
    prefix: Level = "cmnd"
    """Command prefix (`Prefix1`)."""

    def actions(self) -> list[Spec]:
        """One `Backlog` of commands, executed in order by the device."""
        topic = f"{self.prefix}/{self.topic}/Backlog"
        return [message(topic, "; ".join(self._commands()), topic)]

    def _commands(self) -> Iterator[str]:
        if self.transition is not None:
            yield "Fade 1"
            yield f"Speed2 {min(40, max(1, round(self.transition * 2)))}"
        if self.state == "off":
            yield "POWER OFF"
            return
        yield from self._look()
        yield "POWER ON"

    def _look(self) -> Iterator[str]:
        if self.channels is not None:
            yield f"HsbColor {_hsb(self.channels, self.brightness)}"
            return
        if self.mireds is not None:
            yield f"CT {min(500, max(153, self.mireds))}"
        if self.brightness is not None:
            yield f"Dimmer {self.brightness}"


class EspHome(Light):
    """A light of an ESPHome node with the MQTT component."""

    name_: ClassVar[str] = "esphome"
    title_: ClassVar[str] = "ESPHome light over MQTT"
    source_: ClassVar[str] = "https://esphome.io/components/mqtt.html"
    example_: ClassVar[dict[str, Any]] = {
        "node": "desk",
        "light": "lamp",
        "color": "#FF8C00",
        "brightness": 50,
    }

    node: Level
    """Topic prefix of the node, by default its name."""
    light: Level
    """Object id of the light."""
    effect: Filled | None = None
    """Name of an effect of that light."""

    def actions(self) -> list[Spec]:
        """One message of ESPHome's JSON light schema."""
        topic = f"{self.node}/light/{self.light}/command"
        return [message(topic, self._payload(), topic)]

    def _payload(self) -> dict[str, Any]:
        channels = self.channels
        return present(
            state=self.state.upper(),
            brightness=scaled(self.brightness, 255),
            color=None if channels is None else dict(zip("rgb", channels, strict=True)),
            color_temp=self.mireds,
            transition=self.transition,
            effect=self.effect,
        )


def _hsb(channels: Channels, brightness: int | None) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in channels))
    level = round(value * 100) if brightness is None else brightness
    return f"{round(hue * 360)},{round(saturation * 100)},{level}"
