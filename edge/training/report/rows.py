"""What the tables of the report say of a row: name, size, minutes, and ours in as many."""

from __future__ import annotations

import json
from typing import Final

import torch

from edge.training.figures.scores import Document
from edge.training.models.origin import keras_parameters
from edge.training.recipes.protocols import CONTROL
from edge.training.recipes.row import NetworkRow, Row
from edge.training.recipes.rows import ROWS, TEACHERS
from edge.training.report.markdown import percent
from edge.training.runs.lab import Lab
from edge.training.runs.provenance import describe_start
from edge.training.runs.record import record

ENDING: Final = ("minutes", "ours in these minutes %", "published")
EQUAL: Final = (
    "`ours in these minutes`: our row from scratch with the same minutes of the same device, in a run of "
    "its own (`train ROW --control`). `early` is the best score that a longer such run had by then: its "
    "learning rate had not fallen yet, so that understates ours. Rows that began from an engine have none."
)
GRACE: Final = 0.5
"""Minutes by which the end of two runs may differ, since both end with a step."""


def figures_of(lab: Lab, row: Row) -> Document | None:
    """The figures kept by the row's evaluation; None when there are none."""
    path = lab.folder(row) / "figures.json"
    if not path.is_file() or not record(lab, row).log:
        return None
    return dict(json.loads(path.read_text(encoding="utf-8")))


def listed(kind: str, results: dict[str, Document]) -> list[Row]:
    """The rows of a kind; teachers only if they were run."""
    rows = [row for row in ROWS.values() if row.kind == kind]
    return [row for row in rows if row.name in results or row.name not in TEACHERS]


def name_cells(row: Row) -> list[str]:
    """Title with name, and parameters."""
    return [f"{row.title} (`{row.name}`)", f"{_parameters(row):,}" if isinstance(row, NetworkRow) else "-"]


def _parameters(row: NetworkRow) -> int:
    """Counted on a network without values, whose making takes no time."""
    with torch.device("meta"):
        return keras_parameters(row.build())


def budget_cells(lab: Lab, row: Row) -> list[str]:
    """Minutes and epochs, and what our row reaches from scratch in them."""
    last = record(lab, row).log[-1]
    earlier = record(lab, row).earlier_minutes
    equal = "-" if earlier or row.name.endswith("/ours") else _ours_in(lab, row, last["minutes"])
    before = f" after {earlier:.0f}" if earlier else ""
    clock = f"{minutes_of(lab, row)}{before} ({last['epoch']:.0f} epochs)"
    return [clock, equal, row.published or "-"]


def minutes_of(lab: Lab, row: Row) -> str:
    """Minutes of a run, and the GPU they are of."""
    own = record(lab, row)
    return f"{own.log[-1]['minutes']:.0f}" + (f" of {own.gpu}" if own.gpu else "")


def _ours_in(lab: Lab, row: Row, minutes: float) -> str:
    """Best score of our row's control when it had as many minutes (half a minute more or less), else that up
    to then of a longer run from scratch, its own or the control."""
    peer, gpu = ROWS[f"{row.kind}/ours"], record(lab, row).gpu
    whole, beside = record(lab, peer), record(lab.with_protocol(CONTROL), peer)
    control = beside.log if beside.gpu == gpu else []
    if control and abs(control[-1]["minutes"] - minutes) <= GRACE:
        return percent(max(entry[row.metric] for entry in control))
    own = whole.log if not describe_start(whole.folder) and whole.gpu == gpu else []
    longer = next((log for log in (own, control) if log and log[-1]["minutes"] >= minutes), [])
    early = [entry[row.metric] for entry in longer if entry["minutes"] <= minutes]
    return f"{percent(max(early))} (early)" if early else "-"


__all__ = ["ENDING", "EQUAL", "GRACE", "budget_cells", "figures_of", "listed", "minutes_of", "name_cells"]
