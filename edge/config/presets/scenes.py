"""The scene library: whole reactions, put together from light and music presets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from edge.config.presets.bridges import LIGHTS
from edge.config.presets.checking import expand_with, problems_with
from edge.config.presets.music import MUSIC
from edge.config.presets.parameters import MOOD, Filled, Level, Part, Preset, Spec, message

__all__ = [
    "SCENES",
    "CalmingLight",
    "CheerUp",
    "CockpitAlert",
    "Part",
    "Scene",
    "Suggestion",
    "WarmLight",
]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The rule a scene was made for, as it would stand in the configuration."""

    when: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


class Scene(Preset):
    """A preset with the rule it is meant for."""

    suggestion_: ClassVar[Suggestion]


_LIGHT_NAMES: Final = {preset.name_: preset for preset in LIGHTS}
_MUSIC_NAMES: Final = {preset.name_: preset for preset in MUSIC}
_LIKE: Final = {"preset": "zigbee2mqtt", "parameters": {"name": "living room"}}


class _Lit(Scene):
    look_: ClassVar[Mapping[str, Any]]

    light: Part
    """The light: one of the light presets with at least its address."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The light has to be one of ours, with parameters it takes."""
        yield from _prefixed(
            "light", problems_with(_LIGHT_NAMES, self.light.preset, self._light_parameters())
        )

    def actions(self) -> list[Spec]:
        """The light in the look of the scene."""
        return expand_with(_LIGHT_NAMES, self.light.preset, self._light_parameters())

    def _light_parameters(self) -> dict[str, object]:
        return _merged(self.look_, self.light)


class CalmingLight(_Lit):
    """Slow, dim blue: for an angry room."""

    name_: ClassVar[str] = "calming-light"
    title_: ClassVar[str] = "Calming light for anger"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {"light": _LIKE}
    suggestion_: ClassVar[Suggestion] = Suggestion(
        ("angry",), {"for": 5, "min_confidence": 0.6, "cooldown": 120}
    )
    look_: ClassVar[Mapping[str, Any]] = {"color": "#3A6EA5", "brightness": 35, "transition": 4}


class WarmLight(_Lit):
    """Everyday warm light, the usual `on_exit` of the others."""

    name_: ClassVar[str] = "warm-light"
    title_: ClassVar[str] = "Warm light, to go back to"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {"light": _LIKE}
    suggestion_: ClassVar[Suggestion] = Suggestion(("neutral", "happy"), {"for": 30, "cooldown": 300})
    look_: ClassVar[Mapping[str, Any]] = {"color": "#FFB46B", "brightness": 70, "transition": 4}


class CheerUp(_Lit):
    """Warm light and cheerful music: for sadness."""

    name_: ClassVar[str] = "cheer-up"
    title_: ClassVar[str] = "Warm light and cheerful music for sadness"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {
        "light": _LIKE,
        "music": {"preset": "mopidy", "parameters": {"playlist": "m3u:cheerful.m3u8", "volume": 35}},
    }
    suggestion_: ClassVar[Suggestion] = Suggestion(
        ("sad",), {"for": 20, "min_confidence": 0.6, "cooldown": 1800}
    )
    look_: ClassVar[Mapping[str, Any]] = {"color": "#FFB46B", "brightness": 80, "transition": 4}

    music: Part
    """The music: one of the music presets and what it shall play."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Light and music have to be ours."""
        yield from super().conflicts()
        yield from _prefixed("music", problems_with(_MUSIC_NAMES, self.music.preset, self.music.parameters))

    def actions(self) -> list[Spec]:
        """Light, then music."""
        return super().actions() + expand_with(_MUSIC_NAMES, self.music.preset, self.music.parameters)


class CockpitAlert(Scene):
    """A stress alert for a driver's or pilot's display, with an amber light if there is one."""

    name_: ClassVar[str] = "cockpit-alert"
    title_: ClassVar[str] = "Stress alert in a cockpit"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {"topic": "cockpit/alert", "message": "Take a break"}
    suggestion_: ClassVar[Suggestion] = Suggestion(
        ("angry", "fear"), {"for": 3, "min_confidence": 0.6, "cooldown": 60}
    )
    look_: ClassVar[Mapping[str, Any]] = {"color": "#FF7A00", "brightness": 60, "transition": 0}

    topic: Level
    """Topic the display listens to."""
    message: Filled = "Stress noticed. Take a breath, keep your distance."
    """Text for the display."""
    severity: Literal["info", "warning", "critical"] = "warning"
    """How loudly the display shall say it."""
    light: Part | None = None
    """A light that turns amber."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The light has to be one of ours."""
        if self.light is not None:
            parameters = _merged(self.look_, self.light)
            yield from _prefixed("light", problems_with(_LIGHT_NAMES, self.light.preset, parameters))

    def actions(self) -> list[Spec]:
        """The alert first, then the light."""
        alert = {**MOOD, "alert": "stress", "severity": self.severity, "message": self.message}
        first = message(self.topic, alert, self.topic)
        if self.light is None:
            return [first]
        return [first, *expand_with(_LIGHT_NAMES, self.light.preset, _merged(self.look_, self.light))]


def _merged(look: Mapping[str, Any], part: Part) -> dict[str, object]:
    own = part.parameters
    colored = {"color", "temperature", "scene", "saved"} & own.keys()
    return {**{key: value for key, value in look.items() if not (colored and key == "color")}, **own}


def _prefixed(prefix: str, problems: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for key, text in problems:
        yield f"{prefix}.{key}" if key else prefix, text


SCENES: Final[tuple[type[Scene], ...]] = (CalmingLight, WarmLight, CheerUp, CockpitAlert)
