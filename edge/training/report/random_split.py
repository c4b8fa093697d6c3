"""The report's warning: what a random split would claim."""

from __future__ import annotations

from edge.training.figures.scores import Document
from edge.training.recipes.protocols import CONTROL, RANDOM
from edge.training.recipes.row import Row
from edge.training.recipes.rows import ROWS
from edge.training.report.markdown import Lines, percent, table, text
from edge.training.report.rows import figures_of, minutes_of
from edge.training.runs.lab import Lab
from edge.training.runs.record import record


def random_split(lab: Lab) -> Lines:
    """Rows that were run so, beside the split by speakers."""
    other = lab.with_protocol(RANDOM)
    rows = []
    for row in (row for row in ROWS.values() if row.kind == "speech"):
        beside = _from_scratch(lab, row)
        apart, leaking = figures_of(beside, row), figures_of(other, row)
        if leaking is not None and apart is not None:
            clock = ", ".join(minutes_of(each, row) for each in (beside, other))
            rows.append([row.name, *map(percent, _on_shared_corpora(apart, leaking)), clock])
    title = ["## A warning: what a random split would claim", ""]
    head = ["row", "speakers apart, mean UAR %", "random split, mean UAR %", "minutes apart, random"]
    if not rows:
        command = "`python -m edge.training train ROW --protocol random`, then `evaluate`"
        return [*title, *text(f"Not run. {command}, measures the leak.")]
    words = (
        "The clips split at random, speakers and sentences on both sides, as the origin did; mean UAR over "
        "the corpora that both validations have. A row that began from an engine is shown by its control, "
        "which like the random split's run is from scratch, if it has one:"
    )
    return [
        *title,
        *text(words),
        *table(head, rows),
    ]


def _on_shared_corpora(*documents: Document) -> list[float]:
    found = [document["groups"]["corpus"] for document in documents]
    shared = set.intersection(*(set(corpora) for corpora in found))
    return [sum(corpora[name]["uar"] for name in shared) / len(shared) for corpora in found]


def _from_scratch(lab: Lab, row: Row) -> Lab:
    """Where the row's own run is, or that of its judged control when its own began from an engine."""
    control = lab.with_protocol(CONTROL)
    return control if record(lab, row).earlier_minutes and figures_of(control, row) else lab


__all__ = ["random_split"]
