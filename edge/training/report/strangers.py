"""The report's first tables: corpora and sets of faces that a row was trained without."""

from __future__ import annotations

import json
from typing import Any, Final

from edge.errors import DataError
from edge.evaluation.speakers import CHOICES, REPORTED
from edge.training.data.face_sets import FACE_SETS
from edge.training.figures.strangers import face_strangers
from edge.training.recipes.ablations import AS_IS
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.row import FaceRow
from edge.training.recipes.rows import ROWS
from edge.training.report.markdown import Lines, percent, span, table, text
from edge.training.runs.lab import Lab
from edge.vocabulary import LABELS

_SPEECH: Final = (
    "Each column is a training without that corpus, judged by all its speakers at the last step: a user is a "
    "stranger, too. Behind the reported corpora nothing is chosen; recipes, temperatures and thresholds are "
    "chosen by those that decide. In brackets 95 % of a bootstrap that draws speakers; all seven outputs "
    "stay open, and the number of classes that a corpus has stands behind its name."
)


def strangers(lab: Lab) -> Lines:
    """Left-out corpora of speech, then left-out sets of faces; a line that says so where none was run."""
    return ["## Strangers", "", *_speech(lab), *_faces(lab)]


def _speech(lab: Lab) -> Lines:
    paths = sorted(lab.runs.glob("strangers-*.json"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    if not documents:
        return text("Speech: not run. `python -m edge.training strangers ROW --minutes N` trains so.")
    return [
        *text(_SPEECH),
        *_group("Reported: corpora by which nothing is chosen, UAR %", "reported", REPORTED, documents),
        *_group("Corpora that decide, UAR %", "choices", CHOICES, documents),
    ]


def _group(title: str, group: str, corpora: tuple[str, ...], documents: list[dict[str, Any]]) -> Lines:
    known = {name: each for document in documents for name, each in document["corpora"].items()}
    names = [f"{name} ({known[name]['classes']})" if name in known else name for name in corpora]
    rows = [_row(each, group, corpora) for each in documents]
    return [f"### {title}", "", *table(["row", *names, "mean", "ECE %", "minutes each"], rows)]


def _row(document: dict[str, Any], group: str, corpora: tuple[str, ...]) -> list[str]:
    found = {name: document["corpora"][name] for name in corpora if name in document["corpora"]}
    cells = [_cell(found[name]) if name in found else "-" for name in corpora]
    errors = [each["ece"] for each in found.values() if each["ece"] is not None]
    mean = document[group]
    minutes = [document["minutes"][name] for name in found]
    return [
        _name(document),
        *cells,
        _cell(mean) if mean and len(found) == len(corpora) else "-",
        percent(sum(errors) / len(errors)) if errors else "-",
        f"{max(minutes):.0f}" if minutes else "-",
    ]


def _name(document: dict[str, Any]) -> str:
    change = document.get("change", AS_IS)
    return str(document["row"]) + (f", {change}" if change != AS_IS else "")


def _cell(scores: dict[str, Any]) -> str:
    return f"{percent(scores['uar'])} ({span(scores['uar_interval'])})"


def _faces(lab: Lab) -> Lines:
    rows = [row for row in ROWS.values() if isinstance(row, FaceRow)]
    lines = [cells for row in rows for name in FACE_SETS if (cells := _face_cells(lab, row, name))]
    if not lines:
        command = "`train face/ours --protocol strangers --without wild`, then `evaluate`, measures it"
        return text(f"Faces: no set was left out; {command}.")
    recall = [f"{label} %" for label in LABELS]
    head = ["row", "set left out", "faces", "accuracy %", "macro-F1 %", "ECE %", *recall]
    return ["### A set of faces left out, recall by class", "", *table(head, lines)]


def _face_cells(lab: Lab, row: FaceRow, name: str) -> list[str]:
    try:
        found = face_strangers(lab.with_protocol(StrangersOut(name)), row)
    except DataError:
        return []
    values = (found["accuracy"], found["macro_f1"], found["ece"], *found["recall"].values())
    return [row.name, name, str(found["n"]), *map(percent, values)]


__all__ = ["strangers"]
