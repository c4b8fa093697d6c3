"""Checks and expands a preset by name, with messages for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from edge.config.descriptions import descriptions
from edge.config.presets.parameters import Preset, Spec
from edge.config.spelling import did_you_mean
from edge.errors import ConfigError

__all__ = ["Table", "expand_with", "problems_with"]


Table = Mapping[str, type[Preset]]


def problems_with(table: Table, name: str, parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Dotted key and message of everything wrong with the use of a preset."""
    preset = table.get(name)
    if preset is None:
        yield "preset", f"no preset {name!r}{did_you_mean(name, table)}; known: {', '.join(table)}"
        return
    try:
        preset.model_validate(dict(parameters))
    except ValidationError as error:
        for problem in error.errors():
            yield from _messages(preset, dict(problem))


def expand_with(table: Table, name: str, parameters: Mapping[str, object]) -> list[Spec]:
    """The actions a preset stands for; ConfigError if it does not exist or refuses its parameters."""
    found = list(problems_with(table, name, parameters))
    if found:
        raise ConfigError("; ".join(f"{key}: {text}" for key, text in found))
    return table[name].model_validate(dict(parameters)).actions()


def _messages(preset: type[Preset], problem: dict[str, Any]) -> Iterator[tuple[str, str]]:
    key = ".".join(["parameters", *map(str, problem["loc"])])
    if problem["type"] == "extra_forbidden":
        wrong = str(problem["loc"][-1])
        known = list(preset.model_fields)
        yield key, f"unknown{did_you_mean(wrong, known)}; {preset.name_} takes {', '.join(known)}"
    elif problem["type"] == "missing":
        yield key, f"missing; {preset.name_} needs it: {descriptions(preset)[key.split('.')[1]]}"
    elif "problems" in problem.get("ctx", {}):
        for inner, text in problem["ctx"]["problems"]:
            yield f"{key}.{inner}" if inner else key, text
    else:
        yield key, problem["msg"].removeprefix("Value error, ")
