"""`engines/REPORT.md`: what was trained, how it was measured, and what came out, written from the runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge.errors import DataError
from edge.training.models.origin import keras_parameters
from edge.training.protocols import CONTROL
from edge.training.recipes.rows import ROWS, TEACHERS, Row
from edge.training.report.ablations import GRACE, ablations
from edge.training.report.details import costs, details, notes
from edge.training.report.fusion import fusion
from edge.training.report.markdown import Lines, percent, span, table, text
from edge.training.runs.lab import Lab
from edge.training.runs.start import describe_start

Document = dict[str, Any]
ENDING = ("minutes", "ours in these minutes %", "published")
EQUAL = (
    "`ours in these minutes`: our row from scratch with the same minutes of the same device, in a run of "
    "its own (`train ROW --control`). `early` is the best score that a longer such run had by then: its "
    "learning rate had not fallen yet, so that understates ours. Rows that began from an engine have none."
)
CORPORA = ("ravdess", "emodb", "emovo", "nemo", "ased")


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
    lines = [*_head(), *_faces(lab, results), *_speech(lab, results), *_random(lab), *_left_out(lab)]
    lines += [
        *fusion(lab, folder),
        *ablations(lab),
        *details(lab, results, pictures),
        *costs(folder),
        *notes(folder),
    ]
    path = folder / "REPORT.md"
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return path


def figures_of(lab: Lab, row: Row) -> Document | None:
    """The figures kept by the row's evaluation; None when there are none."""
    path = lab.folder(row) / "figures.json"
    if not path.is_file() or not lab.log(row):
        return None
    return dict(json.loads(path.read_text(encoding="utf-8")))


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


def _listed(kind: str, results: dict[str, Document]) -> list[Row]:
    """The rows of a kind; teachers only if they were run."""
    rows = [row for row in ROWS.values() if row.kind == kind]
    return [row for row in rows if row.name in results or row.name not in TEACHERS]


def _name(row: Row) -> list[str]:
    parameters = "-" if row.build is None else f"{keras_parameters(row.build()):,}"
    return [f"{row.title} (`{row.name}`)", parameters]


def _budget(lab: Lab, row: Row) -> list[str]:
    """Minutes and epochs, and what our row reaches from scratch in them."""
    last = lab.log(row)[-1]
    earlier = lab.earlier_minutes(row)
    equal = "-" if earlier or row.name.endswith("/ours") else _ours_in(lab, row, last["minutes"])
    before = f" after {earlier:.0f}" if earlier else ""
    clock = f"{minutes_of(lab, row)}{before} ({last['epoch']:.0f} epochs)"
    return [clock, equal, row.published or "-"]


def minutes_of(lab: Lab, row: Row) -> str:
    """Minutes of a run, and the GPU they are of."""
    return f"{lab.log(row)[-1]['minutes']:.0f}" + (f" of {name}" if (name := lab.gpu(row)) else "")


def _ours_in(lab: Lab, row: Row, minutes: float) -> str:
    """Best score of our row's control when it had as many minutes (half a minute more or less), else that up
    to then of a longer run from scratch, its own or the control."""
    peer, beside = ROWS[f"{row.kind}/ours"], lab.with_protocol(CONTROL)
    control = beside.log(peer) if beside.gpu(peer) == lab.gpu(row) else []
    if control and abs(control[-1]["minutes"] - minutes) <= GRACE:
        return percent(max(entry[row.metric] for entry in control))
    own = lab.log(peer) if not describe_start(lab.folder(peer)) and lab.gpu(peer) == lab.gpu(row) else []
    longer = next((log for log in (own, control) if log and log[-1]["minutes"] >= minutes), [])
    early = [entry[row.metric] for entry in longer if entry["minutes"] <= minutes]
    return f"{percent(max(early))} (early)" if early else "-"


SAME, NEARLY = "also_in_training", "near_copy_in_training"


def _faces(lab: Lab, results: dict[str, Document]) -> Lines:
    rows = [_face_row(lab, row, results.get(row.name)) for row in _listed("face", results)]
    rows.append(
        ["packaged peer `fer`, its TFLite weights, measured outside this repository", "-", "65.4", *["-"] * 9]
    )
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
    ]


def _face_row(lab: Lab, row: Row, document: Document | None) -> list[str]:
    if document is None:
        return [*_name(row), "not run", *["-"] * 8, row.published or "-"]
    groups = document["groups"]
    apart = [groups.get(name, {}).get("no", {}).get("accuracy") for name in (SAME, NEARLY)]
    values = [*apart, document["uar"], document["macro_f1"], document["ece"]]
    first = [percent(document["accuracy"]), span(document.get("accuracy_interval"))]
    return [*_name(row), *first, *map(percent, values), *_budget(lab, row)]


def _speech(lab: Lab, results: dict[str, Document]) -> Lines:
    listed = _listed("speech", results)
    found = {c for row in listed if row.name in results for c in results[row.name]["groups"]["corpus"]}
    corpora = [*CORPORA, *sorted(found - set(CORPORA))]
    rows = [_speech_row(lab, row, results.get(row.name), corpora) for row in listed]
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
        return [*_name(row), "not run", *["-"] * (len(corpora) + 4), row.published or "-"]
    found = document["groups"]["corpus"]
    first = [percent(document["mean_uar"]), span(document.get("mean_uar_interval"))]
    values = [found.get(name, {}).get("uar") for name in corpora]
    return [
        *_name(row),
        *first,
        *map(percent, values),
        percent(document.get("ece_across")),
        *_budget(lab, row),
    ]


def _random(lab: Lab) -> Lines:
    other = lab.with_protocol("random")
    rows = []
    for row in (row for row in ROWS.values() if row.kind == "speech"):
        beside = _from_scratch(lab, row)
        apart, leaking = figures_of(beside, row), figures_of(other, row)
        if leaking is not None and apart is not None:
            clock = ", ".join(minutes_of(each, row) for each in (beside, other))
            rows.append([row.name, *map(percent, _on_shared_corpora(apart, leaking)), clock])
    title = ["### What a random split would claim", ""]
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
    return control if lab.earlier_minutes(row) and figures_of(control, row) else lab


def _left_out(lab: Lab) -> Lines:
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
