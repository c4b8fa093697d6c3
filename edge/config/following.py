"""Lights that follow the mood: valence and arousal mapped to what a light shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from edge.config.base import Section, Text, TimeOfDay
from edge.config.presets.parameters import Part, Percent, Spec

__all__ = ["Axis", "FollowConfig", "Span"]

Axis = Literal["valence", "arousal"]
_Kelvin = Annotated[int, Field(ge=1500, le=10_000)]


class Span(Section):
    """What one axis moves: exactly one of the two, from its value at -1 to that at 1."""

    temperature: tuple[_Kelvin, _Kelvin] | None = None
    """White in kelvin."""
    brightness: tuple[Percent, Percent] | None = None
    """Percent."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One axis moves one thing."""
        if (self.temperature is None) == (self.brightness is None):
            yield "", "needs exactly one of temperature, brightness"

    @property
    def moves(self) -> tuple[str, int, int]:
        """The parameter of the light, its value at -1 and that at 1."""
        if self.temperature is not None:
            return "temperature", *self.temperature
        if self.brightness is not None:
            return "brightness", *self.brightness
        raise ValueError("a span has one of the two")


class FollowConfig(Section):
    """A light that follows the mood while somebody is there."""

    name: Text
    """Shown in logs; unique among rules and lights that follow."""
    light: Part
    """A light preset with its address."""
    map: Annotated[dict[Axis, Span], Field(min_length=1)]
    """What valence and arousal move."""
    transition: Annotated[float, Field(ge=0, le=300)] = 5.0
    """Seconds of fading from one look to the next."""
    every: Annotated[float, Field(ge=1, le=3600)] = 10.0
    """At most one message within so many seconds."""
    between: tuple[TimeOfDay, TimeOfDay] | None = None
    """Local time of day, from and to; may pass midnight."""
    profile: str | None = None
    """Only in this profile."""
    room: str | None = None
    """Id of the room whose mood it follows, where there are several."""
    restore: bool = True
    """Put the light back as it was when the room is empty, if its state can be read."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The light is one of ours and takes what is mapped; no two axes move the same."""
        from edge.config.presets.bridges import LIGHTS
        from edge.config.presets.checking import problems_with

        moved = [span.moves[0] for span in self.map.values()]
        if len(set(moved)) < len(moved):
            yield "map", f"two axes move {moved[0]}; let each move something else"
        names = {preset.name_: preset for preset in LIGHTS}
        look = {name: low for name, low, _ in (span.moves for span in self.map.values())}
        for key, text in problems_with(names, self.light.preset, self._parameters(look)):
            yield f"light.{key}", text

    def specs(self, look: dict[str, int]) -> list[Spec]:
        """The actions that give the light this look."""
        from edge.config.presets.table import expand

        return expand(self.light.preset, self._parameters(look))

    def _parameters(self, look: dict[str, int]) -> dict[str, Any]:
        return {**self.light.parameters, **look, "transition": self.transition}
