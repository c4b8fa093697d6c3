"""The presets as text and as JSON: names, parameters, an example to copy."""

from __future__ import annotations

from typing import Any

import yaml

from edge.config.descriptions import descriptions
from edge.config.presets.parameters import Preset
from edge.config.presets.scenes import Scene
from edge.config.presets.table import PRESETS
from edge.config.spelling import did_you_mean
from edge.errors import EdgeError

__all__ = ["documents", "text"]


def documents(name: str | None = None) -> list[dict[str, Any]]:
    """All presets, or one, as plain values."""
    return [_document(preset) for preset in _chosen(name)]


def text(name: str | None = None) -> str:
    """The table of presets, or one with parameters and example."""
    if name is not None:
        return "\n\n".join(_page(preset) for preset in _chosen(name))
    rows = [f"  {preset.name_:24}{preset.title_}" for preset in PRESETS.values()]
    return "\n".join(["presets (emotion-edge actions presets NAME shows one):", *rows])


def _chosen(name: str | None) -> list[type[Preset]]:
    if name is None:
        return list(PRESETS.values())
    if name not in PRESETS:
        raise EdgeError(
            f"no preset {name!r}{did_you_mean(name, PRESETS)}; see `emotion-edge actions presets`"
        )
    return [PRESETS[name]]


def _document(preset: type[Preset]) -> dict[str, Any]:
    return {
        "name": preset.name_,
        "title": preset.title_,
        "source": preset.source_,
        "parameters": _parameters(preset),
        "example": _example(preset),
    }


def _parameters(preset: type[Preset]) -> list[dict[str, Any]]:
    about = descriptions(preset)
    return [
        {
            "name": name,
            "required": field.is_required(),
            "default": None if field.is_required() else field.default,
            "description": about[name],
        }
        for name, field in preset.model_fields.items()
    ]


def _example(preset: type[Preset]) -> dict[str, Any]:
    use = {"use": {"preset": preset.name_, "parameters": preset.example_}}
    if not issubclass(preset, Scene):
        return use
    rule = preset.suggestion_
    return {"name": preset.name_, "when": list(rule.when), **rule.fields, "then": [use]}


def _page(preset: type[Preset]) -> str:
    lines = [f"{preset.name_}: {preset.title_}"]
    if preset.source_ != "scene":
        lines.append(preset.source_)
    lines += ["", *(_row(parameter) for parameter in _parameters(preset)), "", "example:"]
    listed = yaml.safe_dump([_example(preset)], sort_keys=False, allow_unicode=True)
    return "\n".join([*lines, *(f"  {line}" for line in listed.splitlines())])


def _row(parameter: dict[str, Any]) -> str:
    default = parameter["default"]
    note = " (required)" if parameter["required"] else f" ({default})" if default not in (None, {}) else ""
    return f"  {parameter['name']:14}{parameter['description']}{note}"
