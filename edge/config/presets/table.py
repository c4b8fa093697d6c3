"""The table of presets: what `use:` may name in the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edge.config.presets.bridges import LIGHTS
from edge.config.presets.checking import expand_with, problems_with
from edge.config.presets.home import HOME
from edge.config.presets.music import MUSIC
from edge.config.presets.notices import NOTICES
from edge.config.presets.parameters import Preset, Spec
from edge.config.presets.scenes import SCENES

__all__ = ["PRESETS", "expand", "problems"]


PRESETS: Final[Mapping[str, type[Preset]]] = {
    preset.name_: preset for preset in (*LIGHTS, *MUSIC, *HOME, *SCENES, *NOTICES)
}


def problems(name: str, parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Dotted key and message of everything wrong with the use of a preset."""
    yield from problems_with(PRESETS, name, parameters)


def expand(name: str, parameters: Mapping[str, object]) -> list[Spec]:
    """The actions a preset stands for, as configuration; ConfigError for a wrong use."""
    return expand_with(PRESETS, name, parameters)
