"""`engines/REPORT.md`: what was trained, how it was measured, and what came out, written from the runs."""

from __future__ import annotations

from pathlib import Path

from edge.errors import DataError
from edge.training.recipes.rows import ROWS
from edge.training.report.ablations import ablations
from edge.training.report.costs import costs
from edge.training.report.details import details, notes
from edge.training.report.faces import faces
from edge.training.report.fusion import fusion
from edge.training.report.markdown import Lines, text
from edge.training.report.random_split import random_split
from edge.training.report.rows import figures_of
from edge.training.report.speech import left_out, speech
from edge.training.report.strangers import strangers
from edge.training.runs.lab import Lab


def write_report(lab: Lab, folder: Path) -> Path:
    """Tables from every run found, charts beside them under `folder/report`; rows without a run say so.

    Raises DataError when there is no run at all.
    """
    if not any(lab.runs.glob("*/log.csv")):
        raise DataError(
            f"no run under {lab.runs}: train a row first, or give --runs; {folder} stays as it is"
        )
    pictures = folder / "report"
    pictures.mkdir(parents=True, exist_ok=True)
    results = {row.name: document for row in ROWS.values() if (document := figures_of(lab, row)) is not None}
    lines = [*_head(), *strangers(lab), *faces(lab, results), *speech(lab, results), *left_out(lab)]
    lines += [
        *random_split(lab),
        *fusion(lab, folder),
        *ablations(lab),
        *details(lab, results, pictures),
        *costs(folder),
        *notes(folder),
    ]
    path = folder / "REPORT.md"
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return path


def _head() -> Lines:
    return [
        "# Models: how they were chosen",
        "",
        *text(
            "Written by `python -m edge.training report` from the runs of `python -m edge.training "
            "train` and",
            "`compare`. Every figure is on people or pictures that were not trained on: FER2013's "
            "PublicTest, and",
            "validation speakers (the `split` column). Checkpoints were chosen on these same sets, "
            "so the figures",
            "are slightly optimistic; FER2013's PrivateTest and the test speakers were not touched.",
        ),
    ]


__all__ = ["write_report"]
