"""Trainings of a row, each with one speaker of a corpus or a whole corpus left out."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from edge.training.data.corpora import load_corpora
from edge.training.figures.evaluate import evaluate_row
from edge.training.figures.scores import Document, rounded
from edge.training.figures.strangers import judge_strangers, speech_strangers
from edge.training.recipes.ablations import AS_IS
from edge.training.recipes.loop import Budget
from edge.training.recipes.protocols import SpeakerOut, StrangersOut
from edge.training.recipes.row import NetworkRow, SpeechRow
from edge.training.recipes.rows import find_row
from edge.training.recipes.start import Start
from edge.training.runs.lab import Lab
from edge.training.runs.training import train


def leave_one_out(
    lab: Lab, name: str, corpus: str, *, epochs: int | None = None, minutes: float | None = None
) -> Document:
    """A corpus's speakers left out in turn, each with a training of its own: UAR by speaker, mean, deviation.

    The last checkpoint of each is judged: choosing one by the left-out speaker would flatter.

    Raises DataError when there is no such corpus.
    """
    row, scores = find_row(name), dict[str, float]()
    for speaker in load_corpora(lab.data).opened().speakers(corpus):
        fold = lab.with_protocol(SpeakerOut(corpus, speaker))
        if isinstance(row, NetworkRow):
            train(fold, row, Budget(epochs or row.epochs, minutes))
        scores[speaker] = float(evaluate_row(fold, name, "last")["uar"])
        document = _summary(name, corpus, scores)
        path = lab.runs / f"leave-one-out-{corpus}-{lab.folder(row).name}.json"
        path.write_text(json.dumps(rounded(document)), encoding="utf-8")
    return document


def leave_corpora_out(
    lab: Lab,
    row: SpeechRow,
    corpora: Sequence[str],
    *,
    start: Start | None = None,
    change: str = AS_IS,
    epochs: int | None = None,
    minutes: float | None = None,
) -> Document:
    """The row trained once without each corpus and judged by everybody in it; a run that stopped goes on.

    Raises DataError when there is no such corpus, or no such change of the recipe.
    """
    known = load_corpora(lab.data)
    for corpus in corpora:
        known.speakers(corpus)
    for corpus in corpora:
        fold = lab.with_protocol(StrangersOut(corpus, change))
        train(fold, row, Budget(epochs or row.epochs, minutes), start=start)
        judge_strangers(fold, row)
    return speech_strangers(lab, row, change)


def _summary(name: str, corpus: str, scores: dict[str, float]) -> Document:
    """Of the speakers so far."""
    values = np.array(list(scores.values()))
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return {
        "row": name,
        "corpus": corpus,
        "speakers": dict(scores),
        "uar": float(values.mean()),
        "uar_sd": spread,
    }


__all__ = ["leave_corpora_out", "leave_one_out"]
