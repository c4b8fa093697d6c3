"""Every row trained, judged and exported, and the report on them."""

from __future__ import annotations

from pathlib import Path

from edge.errors import DataError
from edge.training.engines.fuse import write_fusion
from edge.training.engines.quantise import quantise_row
from edge.training.engines.ship import export_row
from edge.training.figures.evaluate import evaluate_row
from edge.training.figures.fit_ear import fit_ear
from edge.training.figures.join import join
from edge.training.models.ear import EarNet, heard_part
from edge.training.recipes.loop import Budget
from edge.training.recipes.row import NetworkRow, Row, SpeechRow
from edge.training.recipes.rows import ROWS, SHIPPED, TEACHERS, find_row
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.training import train


def compare(
    lab: Lab,
    names: list[str],
    engines: Path,
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    ear: Path | None = None,
) -> None:
    """Train the rows (when none is named all but teachers), export ours, fit the fusion, write the report.

    Rows with an ear are left out where none is given.
    """
    for row in sorted([find_row(name) for name in names] or _all_but_teachers(), key=_joined):
        if not _trained(lab, row, ear, epochs, minutes):
            print(f"{row.name} is left out: --ear names the ear that it needs")
            continue
        evaluate_row(lab, row.name)
        if isinstance(row, NetworkRow) and row.name in SHIPPED:
            export_row(lab, row, engines)
            quantise_row(lab, row, engines)
    try:
        write_fusion(lab, engines)
    except DataError as error:
        print(f"fusion not fitted: {error}")
    write_report(lab, engines)


def _joined(row: Row) -> bool:
    """Whether it is made of other rows, which come first."""
    return isinstance(row, NetworkRow) and isinstance(row.build(), EarNet)


def _trained(lab: Lab, row: Row, ear: Path | None, epochs: int | None, minutes: float | None) -> bool:
    """Train a row as its network wants it; False where that needs an ear and there is none."""
    if not isinstance(row, NetworkRow):
        return True
    network = row.build()
    if not isinstance(row, SpeechRow) or heard_part(network) is None:
        train(lab, row, Budget(epochs or row.epochs, minutes))
        return True
    if ear is None:
        return False
    if isinstance(network, EarNet):
        join(lab, row)
    else:
        fit_ear(lab, row, ear)
    return True


def _all_but_teachers() -> list[Row]:
    return [row for name, row in ROWS.items() if name not in TEACHERS]


__all__ = ["compare"]
