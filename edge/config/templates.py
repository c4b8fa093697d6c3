"""Restricted templates: `{emotion}` and its like are filled in, nothing is ever evaluated.

A placeholder is `{name}` or `{name:format}`; all other braces are literal, so JSON may be written as
it is. `{{emotion}}` stands for a literal `{emotion}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from edge.config.spelling import did_you_mean
from edge.vocabulary import LABELS

__all__ = ["FIELDS", "Context", "Value", "check", "check_tree", "render", "render_tree", "walk"]


Value = str | float | int | bool | datetime
Context = Mapping[str, Value]
"""Placeholder name to value; every name of `FIELDS` has to be there."""

FIELDS: Final[dict[str, type]] = {
    "emotion": str,
    "previous": str,
    "confidence": float,
    "source": str,
    "ts": datetime,
    "device": str,
    "name": str,
    "room": str,
    "site": str,
    "rule": str,
    "profile": str,
    "faces": int,
    "speech": bool,
    **{f"probabilities.{label}": float for label in LABELS},
}
"""What a template may mention, and of which type it is."""

_PLACEHOLDER: Final = re.compile(
    r"\{\{(?P<literal>[A-Za-z_][\w.]*(?::[^{}]*)?)\}\}|\{(?P<field>[A-Za-z_][\w.]*)(?::(?P<spec>[^{}]*))?\}"
)
_NUMBER: Final = re.compile(r"(\.\d)?[f%]|d")
_CLOCK: Final = re.compile(r"(%[aAbBdHIjmMpSuyYzZ]|[ \-:./T,])+")
_CASES: Final[dict[str, Callable[[str], str]]] = {"upper": str.upper, "lower": str.lower, "title": str.title}


def check(text: str) -> str:
    """The text itself, if every placeholder is known and its format fits; else ValueError with a hint."""
    for match in _PLACEHOLDER.finditer(text):
        if match["field"] is not None:
            _check_field(match["field"], match["spec"])
    return text


def check_tree(value: object) -> object:
    """Like `check`, for every string inside lists and objects."""
    walk(value, check)
    return value


def walk(value: object, change: Callable[[str], object]) -> object:
    """A copy of a JSON-like value with every string (keys apart) replaced by `change(string)`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: walk(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [walk(item, change) for item in value]
    return value


def render(text: str, context: Context, escape: Callable[[str], str] = str) -> str:
    """The text with its placeholders filled in; `escape` is applied to each value, not to the text."""

    def fill(match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return "{" + match["literal"] + "}"
        return escape(_format(context[match["field"]], match["spec"]))

    return _PLACEHOLDER.sub(fill, text)


def render_tree(value: object, context: Context) -> object:
    """Render every string of a JSON-like value.

    A string that is one placeholder and nothing else keeps the type: `"{confidence}"` becomes a number.
    """
    return walk(value, lambda text: _render_leaf(text, context))


def _render_leaf(text: str, context: Context) -> object:
    match = _PLACEHOLDER.fullmatch(text)
    if match is None or match["field"] is None or match["spec"]:
        return render(text, context)
    found = context[match["field"]]
    return _format(found, None) if isinstance(found, datetime) else found


def _format(value: Value, spec: str | None) -> str:
    if isinstance(value, datetime):
        return value.strftime(spec) if spec else value.isoformat(timespec="milliseconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _CASES[spec](value) if spec else value
    return format(value, spec) if spec else f"{value:g}"


def _check_field(name: str, spec: str | None) -> None:
    if name not in FIELDS:
        near = did_you_mean(name, FIELDS)
        raise ValueError(f"unknown placeholder {{{name}}}{near}; for literal text write {{{{{name}}}}}")
    if spec and not _fits(FIELDS[name], spec):
        raise ValueError(f"format {spec!r} does not fit {{{name}}}; use {_ALLOWED[FIELDS[name]]}")


def _fits(kind: type, spec: str) -> bool:
    if kind is datetime:
        return _CLOCK.fullmatch(spec) is not None
    if kind is str:
        return spec in _CASES
    if kind is bool:
        return False
    return _NUMBER.fullmatch(spec) is not None and (spec != "d" or kind is int)


_ALLOWED: Final[dict[type, str]] = {
    str: "upper, lower or title",
    float: ".2f or .0%",
    int: "d",
    bool: "no format",
    datetime: "strftime codes such as %H:%M",
}
