"""What each key of the file, or of the API, means: the strings below the fields, read where somebody asks.

Pydantic's own `use_attribute_docstrings` parses the source of every model whenever the program starts.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from pydantic import BaseModel

__all__ = ["descriptions"]


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Name of each field, inherited ones included → what it means."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            found.update(_own(one))
    return {name: field.description or found.get(name, "") for name, field in model.model_fields.items()}


@cache
def _own(model: type[BaseModel]) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    return dict(_texts(tree.body))


def _texts(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield field.target.id, inspect.cleandoc(str(text.value.value))
