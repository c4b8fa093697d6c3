"""Small pieces of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Lines = list[str]


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Lines:
    """A Markdown table and an empty line."""
    names = list(head)
    body = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *body, ""]


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "-" if value is None else f"{100 * value:.1f}"


def span(bounds: Sequence[float] | None) -> str:
    """An interval of shares as percentages with one decimal."""
    return "-" if bounds is None else f"{100 * bounds[0]:.1f}-{100 * bounds[1]:.1f}"


def text(*sentences: str) -> Lines:
    """A paragraph and an empty line."""
    return [" ".join(sentences), ""]


__all__ = ["Lines", "percent", "span", "table", "text"]
