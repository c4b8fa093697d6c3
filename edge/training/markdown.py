"""Small pieces of the report."""

from __future__ import annotations

from collections.abc import Iterable

Lines = list[str]


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Lines:
    """A Markdown table and an empty line."""
    names = list(head)
    body = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *body, ""]


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "-" if value is None else f"{100 * value:.1f}"


def text(*sentences: str) -> Lines:
    """A paragraph and an empty line."""
    return [" ".join(sentences), ""]
