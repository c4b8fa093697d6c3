"""Questions about the models: which keys exist, where, and of what kind."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

__all__ = ["Model", "field_at", "find", "is_path", "is_text", "model_at", "names"]


Model = type[BaseModel]


def names(model: Model) -> list[str]:
    """The keys of a section as the file spells them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def find(model: Model, key: str, prefix: str = "") -> Iterator[str]:
    """Dotted places of a key anywhere below a section."""
    for name, field in model.model_fields.items():
        if name == key:
            yield prefix + name
        if _is_model(field.annotation):
            yield from find(field.annotation, key, f"{prefix}{name}.")


def field_at(model: Model, path: Sequence[str | int]) -> FieldInfo | None:
    """The field a path leads to; None if there is none."""
    parent = model_at(model, path[:-1])
    return _field(parent, path[-1]) if parent is not None and path else None


def model_at(model: Model, path: Sequence[str | int]) -> Model | None:
    """The section a path leads to, through lists and mappings; None where there is none."""
    current: Model | None = model
    for part in path:
        field = _field(current, part) if current is not None else None
        if field is not None:
            current = next(_models_in(field.annotation), None)
    return current


def is_text(field: FieldInfo | None) -> bool:
    """Whether only text (or nothing) belongs there."""
    return field is not None and _leaves(field.annotation) <= {str, SecretStr, Path, type(None)}


def is_path(field: FieldInfo) -> bool:
    """Whether a path of the file system belongs there."""
    return Path in _leaves(field.annotation)


def _field(model: Model, part: str | int) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if part == (field.alias or name):
            return field
    return None


def _is_model(annotation: Any) -> TypeGuard[Model]:
    plain = isinstance(annotation, type) and typing.get_origin(annotation) is None
    return plain and issubclass(annotation, BaseModel)


def _models_in(annotation: Any) -> Iterator[Model]:
    if _is_model(annotation):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _leaves(annotation: Any) -> set[Any]:
    if typing.get_origin(annotation) is typing.Annotated:
        return _leaves(typing.get_args(annotation)[0])
    arguments = typing.get_args(annotation)
    return set().union(*map(_leaves, arguments)) if arguments else {annotation}
