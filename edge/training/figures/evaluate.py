"""The figures of a row or an engine, kept beside the run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from edge.errors import DataError
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM
from edge.training.figures.face_extras import beside, face_extras
from edge.training.figures.judge import clip_groups, judge, score
from edge.training.figures.readings import Readings
from edge.training.figures.robustness import robustness
from edge.training.figures.scores import Document, figures, rounded
from edge.training.models.exported import Exported
from edge.training.models.mfcc import fit_predict
from edge.training.recipes.protocols import SPEAKERS
from edge.training.recipes.row import ClassicalRow, FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.rows import SHIPPED, find_network, find_row
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network


def evaluate_row(lab: Lab, name: str, which: str = "best") -> Document:
    """Figures of a row's checkpoint on its validation split, kept as `figures.json` and `readings.npz`.

    Raises DataError when it was not trained.
    """
    row = find_row(name)
    folder = lab.folder(row)
    if isinstance(row, NetworkRow):
        readings, document = _judge_network(lab, row, which)
    else:
        assert isinstance(row, ClassicalRow)
        readings = _fit_classical(lab, row)
        document = figures(readings)
    readings.save(folder / "readings.npz")
    (folder / "figures.json").write_text(json.dumps(rounded(document), indent=1), encoding="utf-8")
    return document


def _judge_network(lab: Lab, row: NetworkRow, which: str) -> tuple[Readings, Document]:
    network = trained_network(lab, row, which)
    readings = judge(lab, row, network)
    document = figures(readings)
    if isinstance(row, FaceRow):
        document |= face_extras(lab, row, network)
        document |= beside(lab, row, network, readings.temperature)
    if row.name in SHIPPED and lab.protocol == SPEAKERS:
        document["robustness"] = robustness(lab, row, network, readings)
        document["last_average"] = score(lab, row, trained_network(lab, row, "last"))
        document["last_raw"] = score(lab, row, trained_network(lab, row, "raw"))
    return readings, document


def evaluate_engine(lab: Lab, name: str, engine: Path) -> Document:
    """The figures of an exported engine of the row, float32 or INT8, bad input among them; none are kept.

    Raises DataError when it cannot be read.
    """
    row = find_network(name)
    try:
        model = Exported(engine.read_bytes(), row.kind)
    except Exception as error:
        raise DataError(f"{engine} cannot be read as an engine: {error}") from error
    item = FACE_ITEM if isinstance(row, FaceRow) else SPEECH_ITEM
    deaf = isinstance(row, SpeechRow) and not row.hears_as_the_daemon
    if model.item[1:] != item[1:] or deaf:
        raise DataError(f"{engine} takes {model.item}, {row.name} {item}: name an engine of that row")
    readings = judge(lab, row, model)
    return {**figures(readings), "robustness": robustness(lab, row, model, readings)}


def _fit_classical(lab: Lab, row: ClassicalRow) -> Readings:
    started = time.monotonic()
    corpora = lab.corpora()
    valid = corpora.split("valid")
    scores = fit_predict(corpora.split("train"), valid, lab.seed)
    labels = np.array([clip.label for clip in valid], dtype=np.int64)
    folder = lab.folder(row)
    folder.mkdir(parents=True, exist_ok=True)
    minutes = (time.monotonic() - started) / 60
    (folder / "log.csv").write_text(f"epoch,minutes,progress\n1,{minutes:.3f},1\n", encoding="utf-8")
    return Readings(scores, labels, clip_groups(valid), scores, labels)


__all__ = ["evaluate_engine", "evaluate_row"]
