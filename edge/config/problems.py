"""Turns pydantic's errors into lines that name the place, the key and the remedy."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from edge.config.base import CONFLICT
from edge.config.document import KeyPath
from edge.config.masking import mask_text
from edge.config.schema import field_at, find, model_at, names
from edge.config.spelling import did_you_mean

__all__ = ["Where", "describe", "dotted"]


Where = Callable[[KeyPath], str]
_SECRETS: Final = frozenset(
    [
        "password",
        "headers",
        "parameters",
        "url",
        "payload",
        "json",
        "argv",
        "indicator_command",
        "pin",
        "code",
    ]
)
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a section of 'key: value' lines",
    "model": "a section of 'key: value' lines",
    "path": "a path",
}
_PATTERNS: Final = {
    "^[a-z0-9_-]+$": "may only contain a-z, 0-9, _ and -",
    r"^https?://[^\s/]": "must begin with http:// or https://",
    r"^[^\s/@]+$": "must be a name or address alone, without scheme, user or path",
}


def describe(error: ValidationError, model: type[BaseModel], data: Any, where: Where) -> list[str]:
    """One line for each thing that is wrong, in the order of the file."""
    seen: dict[KeyPath, str] = {}
    for detail in error.errors(include_url=False):
        for path, message in _expand(detail, model, data):
            seen.setdefault(path, message)
    return [f"{where(path)}: {dotted(path)}: {message}" if path else f"{where(path)}: {message}"
            for path, message in seen.items()]  # fmt: skip


def dotted(path: KeyPath) -> str:
    """`actions.rules[0].then` for ("actions", "rules", 0, "then")."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in path)
    return text.removeprefix(".")


def _printable(key: str) -> str:
    return key if key.isprintable() else repr(key)


def _expand(detail: Mapping[str, Any], model: type[BaseModel], data: Any) -> Iterator[tuple[KeyPath, str]]:
    kind, loc = detail["type"], tuple(detail["loc"])
    if kind == CONFLICT:
        for key, message in detail["ctx"]["problems"]:
            parts = [int(part) if part.isdigit() else part for part in key.split(".") if part]
            yield (*loc, *parts), message
    elif kind == "missing":
        yield loc, "is required, but missing"
    elif kind == "extra_forbidden":
        yield loc, "unknown key" + _suggest(model, loc)
    elif loc[1:] and loc[-1] == "[key]":
        keys = _keys(model, loc[:-2])
        yield loc[:-1], f"unknown key{did_you_mean(str(loc[-2]), keys)}" if keys else _wrong_key(detail)
    else:
        path = _existing(loc, data)
        yield path, _message(detail, path)


def _existing(loc: KeyPath, data: Any) -> KeyPath:
    """The part of a location that the user wrote (unions add their branches at the end)."""
    known: list[str | int] = []
    for part in loc:
        is_item = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if not is_item and not (isinstance(data, dict) and part in data):
            break
        data = data[part]
        known.append(part)
    return tuple(known)


def _message(detail: Mapping[str, Any], path: KeyPath) -> str:
    kind, value = detail["type"], detail.get("input")
    family = kind.split("_")[0]
    if value is None:
        return f"is empty; give {_KINDS.get(family, 'a value')} or remove the line"
    if kind == "value_error" and not _is_secret(path):
        return mask_text(str(detail["ctx"]["error"]))
    got = f", got {_shown(path, value)}"
    if kind == "string_type":
        return f"must be text{got}; put it in quotes"
    return _rule(kind, family, detail) + got + _hint(detail, value)


def _wrong_key(detail: Mapping[str, Any]) -> str:
    kind: str = detail["type"]
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    return f"this name {_rule(kind, kind.partition('_')[0], detail)}"


def _rule(kind: str, family: str, detail: Mapping[str, Any]) -> str:
    context = detail.get("ctx", {})
    if kind == "literal_error":
        return f"must be one of {', '.join(_choices(detail))}"
    if "pattern" in context:
        return _PATTERNS.get(context["pattern"], f"does not have the right form ({context['pattern']})")
    bound = _bound(kind, context)
    if bound:
        return bound
    text: str = detail["msg"]
    return f"must be {_KINDS[family]}" if family in _KINDS else text[0].lower() + text[1:]


def _hint(detail: Mapping[str, Any], value: object) -> str:
    return did_you_mean(str(value), _choices(detail)) if detail["type"] == "literal_error" else ""


def _choices(detail: Mapping[str, Any]) -> list[str]:
    expected: str = detail["ctx"]["expected"]
    return [choice.strip("' ") for choice in expected.replace(" or ", ", ").split(",")]


def _bound(kind: str, context: Mapping[str, Any]) -> str | None:
    words = {
        "greater_than_equal": ("ge", "must be at least {}"),
        "greater_than": ("gt", "must be more than {}"),
        "less_than_equal": ("le", "must be at most {}"),
        "less_than": ("lt", "must be less than {}"),
        "too_short": ("min_length", "needs at least {} entry"),
        "too_long": ("max_length", "may have at most {} entries"),
        "string_too_short": ("min_length", "must not be empty"),
        "string_too_long": ("max_length", "must not be longer than {} characters"),
    }
    if kind not in words:
        return None
    key, text = words[kind]
    limit = context[key]
    return text.format(f"{limit:g}" if isinstance(limit, float) else limit)


def _is_secret(path: KeyPath) -> bool:
    return any(part in _SECRETS for part in path)


def _shown(path: KeyPath, value: Any) -> str:
    if _is_secret(path):
        return "a value not shown here"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a section"
    text = mask_text(repr(value))
    return text if len(text) <= 60 else f"{text[:57]}…"


def _suggest(model: type[BaseModel], loc: KeyPath) -> str:
    key = str(loc[-1])
    parent = model_at(model, loc[:-1])
    if parent is None:
        return ""
    near = did_you_mean(key, names(parent))
    elsewhere = list(find(model, key))
    if elsewhere and not near:
        return f", did you mean {' or '.join(map(repr, elsewhere[:2]))}?"
    return near or f"; known here: {', '.join(names(parent))}"


def _keys(model: type[BaseModel], loc: KeyPath) -> tuple[str, ...]:
    """The keys that a mapping takes, where they are a list of words."""
    field = field_at(model, loc)
    found = typing.get_args(typing.get_args(field.annotation)[0]) if field is not None else ()
    return tuple(word for word in found if isinstance(word, str))
