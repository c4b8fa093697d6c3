"""Training rows one after the other, and what came of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from edge.errors import DataError
from edge.training.data.fronts import OURS
from edge.training.data.speech_data import Corpora, load_corpora
from edge.training.engines.cards import ITEM
from edge.training.engines.export import Exported, rounded
from edge.training.engines.quantise import quantise_row
from edge.training.engines.ship import export_row
from edge.training.figures.face_extras import face_extras
from edge.training.figures.judge import Document, Readings, figures, judge, score
from edge.training.figures.robustness import robustness
from edge.training.protocols import WITHOUT
from edge.training.recipes.ablations import changed
from edge.training.recipes.loop import Budget
from edge.training.recipes.rows import ROWS, SHIPPED, TEACHERS, Row, find_row
from edge.training.runs.lab import Lab
from edge.training.runs.start import Start


def train_row(
    lab: Lab,
    name: str,
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    start: Start | None = None,
    fresh: bool = False,
) -> None:
    """Train one row; the classical one is fitted at once. A run takes up where it stopped."""
    row = changed(find_row(name), lab.protocol)
    if row.build is None:
        if start not in (None, Start()):
            raise DataError(f"{name} is a classical model: it starts from no engine and has no teacher")
        evaluate_row(lab, name)
        return
    run = lab.train(row, Budget(epochs or row.epochs, minutes), start=start, fresh=fresh)
    print(f"{name}: {run.epoch} epochs in {run.elapsed / 60:.1f} minutes")


def evaluate_row(lab: Lab, name: str, which: str = "best") -> Document:
    """Figures of a row's checkpoint on its validation split, kept as `figures.json` and `readings.npz`.

    Raises DataError when it was not trained.
    """
    row = find_row(name)
    folder = lab.folder(row)
    network = None if row.build is None else lab.trained(row, which)
    readings = _classical(lab, row) if network is None else judge(lab, row, network)
    readings.save(folder / "readings.npz")
    document = figures(readings)
    if row.kind == "face" and network is not None:
        document |= face_extras(lab, row, network)
    if name in SHIPPED and network is not None and lab.protocol == "speaker":
        document["robustness"] = robustness(lab, row, network, readings)
        document["last_average"] = score(lab, row, lab.trained(row, "last"))
        document["last_raw"] = score(lab, row, lab.trained(row, "raw"))
    (folder / "figures.json").write_text(json.dumps(rounded(document), indent=1), encoding="utf-8")
    return document


def evaluate_engine(lab: Lab, name: str, engine: Path) -> Document:
    """The figures of an exported engine of the row, float32 or INT8, bad input among them; none are kept.

    Raises DataError when it cannot be read.
    """
    row = find_row(name)
    try:
        model = Exported(engine.read_bytes(), row.kind)
    except Exception as error:
        raise DataError(f"{engine} cannot be read as an engine: {error}") from error
    if model.item[1:] != (item := ITEM[row.kind])[1:] or (row.kind == "speech" and row.speech.front != OURS):
        raise DataError(f"{engine} takes {model.item}, {row.name} {item}: name an engine of that row")
    readings = judge(lab, row, model)
    return {**figures(readings), "robustness": robustness(lab, row, model, readings)}


def _classical(lab: Lab, row: Row) -> Readings:
    from edge.training.models.mfcc import fit_predict

    started = time.monotonic()
    corpora = lab.corpora()
    valid = corpora.split("valid")
    scores = fit_predict(corpora.split("train"), valid, lab.seed)
    labels = np.array([clip.label for clip in valid], dtype=np.int64)
    groups = {
        name: np.array([getattr(clip, name) for clip in valid]) for name in ("corpus", "sex", "speaker")
    }
    readings = Readings(scores, labels, groups, scores, labels)
    folder = lab.folder(row)
    folder.mkdir(parents=True, exist_ok=True)
    minutes = (time.monotonic() - started) / 60
    (folder / "log.csv").write_text(f"epoch,minutes,progress\n1,{minutes:.3f},1\n", encoding="utf-8")
    return readings


def leave_one_out(
    lab: Lab, name: str, corpus: str, *, epochs: int | None = None, minutes: float | None = None
) -> Document:
    """A corpus's speakers left out in turn, each with a training of its own: UAR by speaker, mean, deviation.

    The last checkpoint of each is judged: choosing one by the left-out speaker would flatter.

    Raises DataError when there is no such corpus.
    """
    row = find_row(name)
    scores = {}
    loaded = load_corpora(lab.data)
    for speaker in Corpora([*loaded.split("train"), *loaded.split("valid")]).speakers(corpus):
        fold = lab.with_protocol(f"{WITHOUT}{corpus}-{speaker}")
        if row.build is not None:
            train_row(fold, name, epochs=epochs, minutes=minutes)
        scores[speaker] = float(evaluate_row(fold, name, "last")["uar"])
        document = _left_out(name, corpus, scores)
        path = lab.runs / f"leave-one-out-{corpus}-{lab.folder(row).name}.json"
        path.write_text(json.dumps(rounded(document)), encoding="utf-8")
    return document


def _left_out(name: str, corpus: str, scores: dict[str, float]) -> Document:
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


def compare(
    lab: Lab, names: list[str], engines: Path, *, epochs: int | None = None, minutes: float | None = None
) -> None:
    """Train the rows (when none is named all but teachers), export ours, fit the fusion, write the report."""
    from edge.training.engines.fuse import write_fusion
    from edge.training.report.report import write_report

    chosen = [find_row(name).name for name in names] or [name for name in ROWS if name not in TEACHERS]
    for name in chosen:
        if find_row(name).build is not None:
            train_row(lab, name, epochs=epochs, minutes=minutes)
        evaluate_row(lab, name)
        if name in SHIPPED:
            export_row(lab, find_row(name), engines)
            quantise_row(lab, find_row(name), engines)
    try:
        write_fusion(lab, engines)
    except DataError as error:
        print(f"fusion not fitted: {error}")
    write_report(lab, engines)
