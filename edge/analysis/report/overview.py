"""The page over all recordings of a folder, with a link to the report of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from edge.analysis.report.page import filled
from edge.analysis.timeline import COLOURS
from edge.vocabulary import LABELS

__all__ = ["overview"]


def overview(rows: Sequence[dict[str, Any]]) -> str:
    """The whole page; `rows` as in the summary."""
    names = {row["name"] for row in rows}
    failed = sum(row.get("error") is not None for row in rows)
    return filled(
        "index.html",
        {
            "sub": f"{len(names)} recordings" + (f", {failed} could not be read" if failed else ""),
            "colours": {label: COLOURS[label] for label in LABELS},
            "rows": [{**row, "report": quote(f"{row['name']}.html"), "id": _who(row)} for row in rows],
        },
    )


def _who(row: dict[str, Any]) -> str | None:
    return f"person {row['id']}" if row["kind"] == "person" else row.get("id")
