"""The protocol that counts: a row trained without a corpus, or a set of faces, and judged by all of it."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edge.errors import DataError
from edge.evaluation.bootstrap import drawn_uar, span_of, speaker_counts
from edge.evaluation.fitting import fit_temperature
from edge.evaluation.metrics import metrics
from edge.evaluation.speakers import CHOICES, REPORTED
from edge.training.data.corpora import STRANGERS
from edge.training.figures.judge import clip_groups, picture_logits
from edge.training.figures.readings import Readings, load_readings
from edge.training.figures.scores import Document, rounded
from edge.training.recipes.ablations import AS_IS
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.speech_task import clip_logits
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.record import record
from edge.vocabulary import LABELS, softmax

_READINGS: Final = "strangers.npz"


def judge_strangers(lab: Lab, row: NetworkRow, which: str = "last") -> Readings:
    """Readings of everybody whom the protocol left out, kept as `strangers.npz` beside the run.

    Raises DataError when the row was not trained so.
    """
    model = trained_network(lab, row, which)
    readings = _faces(lab, row, model) if isinstance(row, FaceRow) else _speech(lab, row, model)
    readings.save(lab.folder(row) / _READINGS)
    return readings


def strangers(lab: Lab, row: NetworkRow) -> Document:
    """Judge a row by those whom the protocol left out. Raises DataError when it was not trained so."""
    judge_strangers(lab, row)
    if isinstance(row, FaceRow):
        return face_strangers(lab, row)
    assert isinstance(row, SpeechRow)
    assert isinstance(lab.protocol, StrangersOut)
    return speech_strangers(lab, row, lab.protocol.change)


def _speech(lab: Lab, row: NetworkRow, model: nn.Module) -> Readings:
    assert isinstance(row, SpeechRow)
    clips, front = lab.corpora().split(STRANGERS), row.recipe.front
    kept = lab.spectrograms(lab.features(front).clean, clips)
    inputs = [torch.from_numpy(front.windows(kept[clip.path])) for clip in clips]
    logits = clip_logits(model, inputs, exact=True).astype(np.float64)
    labels = np.array([clip.label for clip in clips], dtype=np.int64)
    return Readings(logits, labels, clip_groups(clips), logits, labels)


def _faces(lab: Lab, row: FaceRow, model: nn.Module) -> Readings:
    splits = lab.faces()
    if splits.beside is None:
        raise DataError(f"no set of faces was left out of {row.name}")
    logits = picture_logits(model, splits.beside.images, row).astype(np.float64)
    held = picture_logits(model, splits.held_out.images, row).astype(np.float64)
    return Readings(logits, splits.beside.labels, {}, held, splits.held_out.labels)


def speech_strangers(lab: Lab, row: SpeechRow, change: str = AS_IS) -> Document:
    """The figures of every corpus that was left out of a training of the row, and their means.

    The temperature is that of the corpora choices are made by; of the reported ones nothing is chosen.
    Raises DataError when no corpus was left out yet.
    """
    found = {
        corpus: load_readings(path)
        for corpus in (*CHOICES, *REPORTED)
        if (path := lab.with_protocol(StrangersOut(corpus, change)).folder(row) / _READINGS).is_file()
    }
    if not found:
        raise DataError(f"{row.name}: no corpus left out yet: `strangers {row.name}` trains so")
    choices = [found[corpus] for corpus in CHOICES if corpus in found]
    temperature = _temperature(choices) if choices else None
    corpora = {corpus: _corpus(each, temperature) for corpus, each in found.items()}
    document = {
        "row": row.name,
        "change": change,
        "temperature": temperature,
        "corpora": corpora,
        "choices": _mean({corpus: found[corpus] for corpus in CHOICES if corpus in found}),
        "reported": _mean({corpus: found[corpus] for corpus in REPORTED if corpus in found}),
        "minutes": {
            corpus: _minutes(lab.with_protocol(StrangersOut(corpus, change)), row) for corpus in found
        },
    }
    name = "-".join((lab.folder(row).name, *([change] if change != AS_IS else [])))
    path = lab.runs / f"strangers-{name}.json"
    path.write_text(json.dumps(rounded(document), indent=1), encoding="utf-8")
    return document


def _temperature(choices: list[Readings]) -> float:
    logits = np.concatenate([each.logits for each in choices])
    return fit_temperature(logits, np.concatenate([each.labels for each in choices]))


def _corpus(readings: Readings, temperature: float | None) -> dict[str, Any]:
    guesses = readings.logits.argmax(axis=1)
    scores = metrics(softmax(readings.logits / (temperature or 1.0)), readings.labels)
    return {
        "uar": scores["uar"],
        "uar_interval": span_of(drawn_uar(_counts(readings))),
        "accuracy": scores["accuracy"],
        "ece": None if temperature is None else scores["ece"],
        "n": len(guesses),
        "speakers": len(np.unique(readings.groups["speaker"])),
        "classes": len(np.unique(readings.labels)),
        "recall": {label: scores["per_class"][label]["recall"] for label in LABELS},
    }


def _counts(readings: Readings) -> NDArray[np.float64]:
    return speaker_counts(
        readings.labels, readings.logits.argmax(axis=1), readings.groups["speaker"].tolist()
    )


def _mean(found: dict[str, Readings]) -> dict[str, Any] | None:
    """Mean UAR over corpora, each with speakers drawn anew for its interval."""
    if not found:
        return None
    drawn = np.mean([drawn_uar(_counts(each), seed=k) for k, each in enumerate(found.values())], axis=0)
    values = [metrics(softmax(each.logits), each.labels)["uar"] for each in found.values()]
    return {"uar": float(np.mean(values)), "uar_interval": span_of(drawn), "corpora": list(found)}


def _minutes(lab: Lab, row: SpeechRow) -> float:
    log = record(lab, row).log
    return log[-1]["minutes"] if log else 0.0


def face_strangers(lab: Lab, row: FaceRow) -> Document:
    """The figures of the set that the protocol leaves out. Raises DataError when the row was not judged."""
    readings = load_readings(lab.folder(row) / _READINGS)
    scores = metrics(readings.probabilities(), readings.labels)
    return {name: scores[name] for name in ("n", "accuracy", "uar", "macro_f1", "ece")} | {
        "recall": {label: scores["per_class"][label]["recall"] for label in LABELS}
    }


__all__ = ["face_strangers", "judge_strangers", "speech_strangers", "strangers"]
