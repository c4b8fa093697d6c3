"""Which fields of the configuration are sections of their own."""

from __future__ import annotations

from typing import TypeGuard, get_origin

from edge.config.models import Section


def is_section(annotation: object) -> TypeGuard[type[Section]]:
    """Whether a field is a section; for Python 3.10 `dict[str, int]` is a type too."""
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, Section)
