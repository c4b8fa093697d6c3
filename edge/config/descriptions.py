"""What each key of a section means: the strings below the fields, read only where somebody asks.

Pydantic's own `use_attribute_docstrings` parses every section's source whenever the program starts.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from edge.config.base import Section

__all__ = ["descriptions"]


@cache
def descriptions(section: type[Section]) -> dict[str, str]:
    """Name of each field, inherited ones included → what it means."""
    found: dict[str, str] = {}
    for one in reversed(section.__mro__):
        if issubclass(one, Section):
            found.update(_own(one))
    return {name: field.description or found.get(name, "") for name, field in section.model_fields.items()}


def _own(section: type[Section]) -> Iterator[tuple[str, str]]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    assert isinstance(tree, ast.ClassDef)
    for field, text in pairwise(tree.body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield field.target.id, inspect.cleandoc(str(text.value.value))
