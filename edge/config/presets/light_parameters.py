"""What every light takes, whatever system it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from edge.config.presets.parameters import Color, Percent, Preset, SwitchWord

__all__ = ["Channels", "Light", "fading", "present", "scaled"]

Channels = tuple[int, int, int]
"""Red, green and blue, 0..255."""


class Light(Preset):
    """What every light takes; how it is addressed is added by each preset."""

    state: Annotated[Literal["on", "off"], SwitchWord] = "on"
    """Switch it on or off."""
    color: Color | None = None
    """Colour as #RRGGBB."""
    temperature: Annotated[int, Field(ge=1500, le=10_000)] | None = None
    """White of this many kelvin: 2200 is candle light, 2700 warm, 4000 neutral."""
    brightness: Percent | None = None
    """Percent."""
    transition: Annotated[float, Field(ge=0, le=300)] | None = None
    """Seconds of fading."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """A light has one colour."""
        if self.color is not None and self.temperature is not None:
            yield "temperature", "color and temperature are both set; keep one"

    @property
    def channels(self) -> Channels | None:
        """Red, green and blue, 0..255."""
        if self.color is None:
            return None
        red, green, blue = bytes.fromhex(self.color[1:])
        return red, green, blue

    @property
    def mireds(self) -> int | None:
        """The white in the unit most lamps use."""
        return None if self.temperature is None else round(1_000_000 / self.temperature)


def present(**fields: object) -> dict[str, Any]:
    """The fields that are set."""
    return {key: value for key, value in fields.items() if value is not None}


def fading(transition: float | None) -> float:
    """Seconds of fading, of which a light is given one unless told otherwise."""
    return 1.0 if transition is None else transition


def scaled(percent: int | None, top: int) -> int | None:
    """Percent of a scale that ends at `top`."""
    return None if percent is None else round(percent * top / 100)
