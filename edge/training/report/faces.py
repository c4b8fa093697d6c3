"""The report's table of the face rows."""

from __future__ import annotations

from typing import Final

from edge.training.figures.scores import Document
from edge.training.recipes.row import Row
from edge.training.report.markdown import Lines, percent, span, table, text
from edge.training.report.rows import ENDING, EQUAL, budget_cells, listed, name_cells
from edge.training.runs.lab import Lab
from edge.vocabulary import LABELS

_COPIES: Final = ("also_in_training", "near_copy_in_training")


def faces(lab: Lab, results: dict[str, Document]) -> Lines:
    """Every row on PublicTest."""
    rows = [_face_row(lab, row, results.get(row.name)) for row in listed("face", results)]
    head = ["row", "parameters", "accuracy %", "95 %", "without copies %", "without near copies %"]
    return [
        "## Face: FER2013 PublicTest, single view",
        "",
        *table([*head, "UAR %", "macro-F1 %", "ECE %", *ENDING], rows),
        *text(
            "`without copies` leaves out the PublicTest rows whose picture also occurs in Training "
            "(those Training rows were not trained on), `without near copies` those of which another crop or",
            "compression was trained on. Parameters are counted as Keras does, heads for training included.",
            EQUAL,
        ),
        *_others(results),
    ]


def _others(results: dict[str, Document]) -> Lines:
    """Rows on sets that are judged beside PublicTest, by recall."""
    rows = [
        [
            f"`{row}`",
            name,
            str(found["n"]),
            *map(percent, [found["accuracy"], found["macro_f1"], found["ece"]]),
        ]
        + [percent(found["per_class"][label]["recall"]) for label in LABELS]
        for row, document in results.items()
        for name, found in document.get("beside", {}).items()
    ]
    if not rows:
        return []
    recall = [f"{label} %" for label in LABELS]
    head = ["row", "set", "faces", "accuracy %", "macro-F1 %", "ECE %", *recall]
    return ["", "### Another set's validation, recall by class", "", *table(head, rows)]


def _face_row(lab: Lab, row: Row, document: Document | None) -> list[str]:
    if document is None:
        return [*name_cells(row), "not run", *["-"] * 8, row.published or "-"]
    groups = document["groups"]
    apart = [groups.get(name, {}).get("no", {}).get("accuracy") for name in _COPIES]
    values = [*apart, document["uar"], document["macro_f1"], document["ece"]]
    first = [percent(document["accuracy"]), span(document.get("accuracy_interval"))]
    return [*name_cells(row), *first, *map(percent, values), *budget_cells(lab, row)]


__all__ = ["faces"]
