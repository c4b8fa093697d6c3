"""The report's parts on single rows, cost and caveats."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge.training.figures.readings import load_readings
from edge.training.figures.scores import Document
from edge.training.recipes.row import FaceRow, Row
from edge.training.recipes.rows import ROWS, SHIPPED
from edge.training.report.charts import draw_calibration, draw_confusion, draw_curves
from edge.training.report.markdown import Lines, percent, table, text
from edge.training.runs.lab import Lab
from edge.training.runs.provenance import blend_words, describe_start, mean_words
from edge.training.runs.record import record
from edge.vocabulary import LABELS

_NOTES: Final = (
    "- FER2013's labels come from an image search: people agree with them on about 65 %, and the "
    "most frequent vote of FER+'s",
    "  taggers equals them on 62 % of the rows. disgust has 56 rows in PublicTest; its figures vary "
    "by several points.",
    "- Speech is acted, in quiet rooms. Of some corpora one or two speakers are validated with (see "
    "docs/models.md): read",
    "  their figures with an interval of 5 to 10 points. Sentences are shared with training.",
    "- The level of a recording tells the label in some corpora; the features do not depend on it.",
    "",
)


def details(lab: Lab, results: dict[str, Document], pictures: Path) -> Lines:
    """Per class figures, second guesses, calibration, charts and robustness of every row that was run."""
    lines: Lines = ["## Row by row", ""]
    for name, document in results.items():
        row = ROWS[name]
        lines += [f"### {row.title} (`{name}`)", ""]
        own = record(lab, row)
        start = describe_start(own.folder)
        kept = " No epoch was better than that engine, whose weights these are." * own.kept_its_engine
        choice = _choice(lab, row)
        lines += [*(text(start + kept) if start else []), *choice, *_per_class(document)]
        lines += text(
            f"The second guess is right in {percent(document['second_guess_right'])} % of the errors "
            "(the origin",
            f"found 21.56 % for faces). Temperature {document['temperature']:.2f}: NLL",
            f"{document['nll_uncalibrated']:.3f} before, {document['nll']:.3f} after.",
        )
        lines += [*_charts(lab, row, document, pictures), *_by_sex(document), *_extras(document)]
        lines += _average(document)
        if "robustness" in document:
            lines += _robustness(document["robustness"], row)
        elif name in SHIPPED:
            lines += text(f"Bad input: not measured; `python -m edge.training evaluate {name}` does.")
    return lines


def _choice(lab: Lab, row: Row) -> Lines:
    own = record(lab, row)
    reason, share, members = own.chosen, own.blended, own.averaged
    if members:
        return text(mean_words(members) + f" It was taken because {reason}." * bool(reason))
    if share:
        return text(blend_words(share))
    if not reason:
        return []
    best = max(own.log, key=lambda entry: entry[row.metric])
    return text(
        f"These are the weights of the last epoch. Those of epoch {best['epoch']:.0f}"
        f"{' (the engine it started from)' * (best['epoch'] == 0)} scored {percent(best[row.metric])} %; the "
        f"last were chosen because {reason}."
    )


def _charts(lab: Lab, row: Row, document: Document, pictures: Path) -> Lines:
    stem, folder = row.name.replace("/", "-"), lab.folder(row)
    readings = load_readings(folder / "readings.npz")
    draw_confusion(document["confusion"], pictures / f"{stem}-confusion.png", title=row.title)
    calibration = pictures / f"{stem}-calibration.png"
    draw_calibration(readings.probabilities(), readings.labels, calibration, title=row.title)
    kinds = ["confusion", "calibration"]
    if draw_curves(folder / "log.csv", pictures / f"{stem}-curves.png", title=row.title):
        kinds.append("curves")
    return text(*(f"![{kind}]({pictures.name}/{stem}-{kind}.png)" for kind in kinds))


def _per_class(document: Document) -> Lines:
    keys = ("precision", "recall", "f1")
    scores = document["per_class"]
    rows = [
        [label, *(percent(scores[label][key]) for key in keys), scores[label]["support"]] for label in LABELS
    ]
    return table(["emotion", "precision %", "recall %", "F1 %", "items"], rows)


def _by_sex(document: Document) -> Lines:
    sexes = document["groups"].get("sex")
    if not sexes:
        return []
    parts = [f"{name} {percent(scores['uar'])} % ({scores['n']} clips)" for name, scores in sexes.items()]
    return text(f"UAR by sex of the speaker, all corpora together: {', '.join(parts)}.")


def _extras(document: Document) -> Lines:
    if "accuracy_mirrored" not in document:
        return []
    ferplus = document.get("ferplus_accuracy")
    votes = (
        ""
        if ferplus is None
        else f" The head for FER+ agrees with its majority label on {percent(ferplus)} %."
    )
    return text(f"With the mirrored view averaged in: {percent(document['accuracy_mirrored'])} %.{votes}")


def _average(document: Document) -> Lines:
    if "last_raw" not in document:
        return []
    return text(
        f"After the last epoch the averaged weights score {percent(document['last_average'])} %, those of "
        f"the last step {percent(document['last_raw'])} %."
    )


def _robustness(found: Document, row: Row) -> Lines:
    score = f"{row.measure} %"
    conditions = [[name, percent(value)] for name, value in found["conditions"].items()]
    if isinstance(row, FaceRow):
        return [
            *text(
                "PublicTest made worse: Gaussian blur (its deviation in pixels of the 48), then noise, much "
                "like in the training:"
            ),
            *table(["pictures", score], conditions),
        ]
    curve = [
        [f"{a['threshold']:.1f}", percent(a["answered"]), percent(a["accuracy"]), percent(b["answered"])]
        for a, b in zip(found["speech"], found["noise"], strict=True)
    ]
    head = ["threshold", "speech answered %", "accuracy of the answers %", "noise and music answered %"]
    return [
        *text("With background noise not used in training:"),
        *table(["condition", score], conditions),
        *text("Abstention below a threshold of confidence, without voice activity detection:"),
        *table(head, curve),
    ]


def notes(folder: Path) -> Lines:
    """What to keep in mind, and what `folder/report/NOTES.md` adds."""
    path = folder / "report" / "NOTES.md"
    own = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return ["## What to keep in mind", "", *_NOTES, *own]


__all__ = ["details", "notes"]
