"""The report's tables of the speech rows."""

from __future__ import annotations

import json
from typing import Final

from edge.training.figures.scores import Document
from edge.training.recipes.row import Row
from edge.training.report.markdown import Lines, percent, span, table, text
from edge.training.report.rows import ENDING, EQUAL, budget_cells, listed, name_cells
from edge.training.runs.lab import Lab

_CORPORA: Final = ("ravdess", "emodb", "emovo", "nemo", "ased")


def speech(lab: Lab, results: dict[str, Document]) -> Lines:
    """Every row on the validation speakers."""
    shown = listed("speech", results)
    found = {c for row in shown if row.name in results for c in results[row.name]["groups"]["corpus"]}
    corpora = [*_CORPORA, *sorted(found - set(_CORPORA))]
    rows = [_speech_row(lab, row, results.get(row.name), corpora) for row in shown]
    return [
        "## Speech: validation speakers, unweighted average recall",
        "",
        *table(["row", "parameters", "mean UAR %", "95 %", *corpora, "ECE %", *ENDING], rows),
        *text(
            "All seven outputs stay open, also for corpora with fewer classes. Calm counts as "
            "neutral, boredom is",
            "left out. ECE: temperature fitted on one half of the speakers, measured on the other, "
            "and the reverse.",
            "The column 95 % is a bootstrap over clips: other speakers vary more than it says.",
            "The origin's published figures come from random splits over shared speakers: not comparable.",
            EQUAL,
        ),
    ]


def _speech_row(lab: Lab, row: Row, document: Document | None, corpora: list[str]) -> list[str]:
    if document is None:
        return [*name_cells(row), "not run", *["-"] * (len(corpora) + 4), row.published or "-"]
    found = document["groups"]["corpus"]
    first = [percent(document["mean_uar"]), span(document.get("mean_uar_interval"))]
    values = [found.get(name, {}).get("uar") for name in corpora]
    return [
        *name_cells(row),
        *first,
        *map(percent, values),
        percent(document.get("ece_across")),
        *budget_cells(lab, row),
    ]


def left_out(lab: Lab) -> Lines:
    """What `leave-one-out` has found."""
    lines = []
    for path in sorted(lab.runs.glob("leave-one-out-*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        speakers = ", ".join(f"{name} {percent(uar)}" for name, uar in document["speakers"].items())
        lines += text(
            f"`{document['row']}` with each speaker of {document['corpus']} left out: UAR",
            f"{percent(document['uar'])} ± {percent(document['uar_sd'])} % ({speakers}).",
        )
    return lines


__all__ = ["left_out", "speech"]
