"""Every row trained, judged and exported, and the report on them."""

from __future__ import annotations

from pathlib import Path

from edge.errors import DataError
from edge.training.engines.fuse import write_fusion
from edge.training.engines.quantise import quantise_row
from edge.training.engines.ship import export_row
from edge.training.figures.evaluate import evaluate_row
from edge.training.recipes.loop import Budget
from edge.training.recipes.row import NetworkRow, Row
from edge.training.recipes.rows import ROWS, SHIPPED, TEACHERS, find_row
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.training import train


def compare(
    lab: Lab, names: list[str], engines: Path, *, epochs: int | None = None, minutes: float | None = None
) -> None:
    """Train the rows (when none is named all but teachers), export ours, fit the fusion, write the report."""
    for row in [find_row(name) for name in names] or _all_but_teachers():
        if isinstance(row, NetworkRow):
            train(lab, row, Budget(epochs or row.epochs, minutes))
        evaluate_row(lab, row.name)
        if isinstance(row, NetworkRow) and row.name in SHIPPED:
            export_row(lab, row, engines)
            quantise_row(lab, row, engines)
    try:
        write_fusion(lab, engines)
    except DataError as error:
        print(f"fusion not fitted: {error}")
    write_report(lab, engines)


def _all_but_teachers() -> list[Row]:
    return [row for name, row in ROWS.items() if name not in TEACHERS]


__all__ = ["compare"]
