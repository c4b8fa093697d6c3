"""Exporting a trained row as an engine of the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from edge.errors import DataError
from edge.inference.engine import Batch
from edge.training.data.catalogue import RECOGNISER, WHISPER
from edge.training.data.sound import background_terms
from edge.training.engines.cards import (
    build_card,
    check_filter_bank,
    face_data,
    speech_data,
    training_speakers,
)
from edge.training.engines.inputs import network_inputs, real_inputs
from edge.training.engines.names import engine_name, int8_is_current, remove_int8
from edge.training.engines.onnx_file import TOLERANCE, macs_and_parameters, parity, to_onnx, write_engine
from edge.training.engines.timing import milliseconds, preparing
from edge.training.figures.judge import judge
from edge.training.figures.scores import Document, figures
from edge.training.models.exported import Exported, onnx_runner
from edge.training.models.face import FaceClassifier
from edge.training.models.standardised import standardised
from edge.training.recipes.device import processor
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.provenance import (
    blend_words,
    command_options,
    describe_start,
    has_ear,
    joined_commands,
    mean_words,
    taught_by_recogniser,
)
from edge.training.runs.record import RunRecord, record


def export_row(lab: Lab, row: NetworkRow, folder: Path, *, which: str = "best") -> Document:
    """Judge a trained row and write `folder/NAME.onnx` with its card; returns the figures.

    An INT8 engine made from other weights is removed; `quantise` makes another.

    Raises DataError when it was not trained, the daemon makes no such input, its filter bank is not
    python-speech-features', or PyTorch and ONNX Runtime disagree.
    """
    if isinstance(row, SpeechRow) and not row.hears_as_the_daemon:
        raise DataError(f"{row.name} is no engine: the daemon makes no {row.recipe.front.bands} bands")
    if isinstance(row, SpeechRow):
        check_filter_bank()
    own, inputs = record(lab, row), real_inputs(lab, row)
    kept = which == "best" and own.kept_its_engine
    content, difference = _converted(lab, row, which, inputs)
    document = figures(judge(lab, row, Exported(content, row.kind)))
    extra = _cost(own, content, inputs, which, kept=kept) | {
        "parity": difference,
        "commands": _commands(lab, row, own),
    }
    about, data = _training_data(lab, row)
    if start := _start(own, which, kept=kept):
        about["start"] = start
    name = engine_name(row)
    write_engine(folder, name, content, build_card(row, document, data, extra | about))
    if not int8_is_current(folder, name):
        remove_int8(folder, name)
    return document | extra


def _converted(lab: Lab, row: NetworkRow, which: str, inputs: Batch) -> tuple[bytes, float]:
    """The engine, which standardises faces itself, and its largest difference from the network.

    Raises DataError when that is too large.
    """
    network = trained_network(lab, row, which)
    model: nn.Module = FaceClassifier(network, row.recipe.inner) if isinstance(row, FaceRow) else network
    content = to_onnx(model, torch.from_numpy(network_inputs(inputs[:2])), row.kind)
    content = standardised(content) if row.kind == "face" else content
    difference = parity(model, content, inputs)
    if difference > TOLERANCE:
        raise DataError(f"{row.name}: PyTorch and ONNX Runtime differ by {difference:.2g} in probabilities")
    return content, difference


def _cost(own: RunRecord, content: bytes, inputs: Batch, which: str, *, kept: bool) -> dict[str, Any]:
    """Size, arithmetic, times, minutes; weights that are the engine's it started from cost no own minutes."""
    macs, parameters = macs_and_parameters(content)
    assert isinstance(own.row, NetworkRow)
    others = own.other_minutes if which == "best" else 0.0
    cost = {
        "parameters": parameters,
        "macs": macs,
        "ms_one_thread": milliseconds(onnx_runner(content), inputs[:1]),
        **({"ms_features": preparing()} if own.row.kind == "speech" else {}),
        "processor": processor(),
        "training_minutes": own.earlier_minutes + (0.0 if kept else own.log[-1]["minutes"] + others),
        **({"training_gpu": own.gpu} if own.gpu else {}),
    }
    return {"cost": cost}


def _commands(lab: Lab, row: NetworkRow, own: RunRecord) -> dict[str, str]:
    """How to train, export and evaluate it again."""
    seed, minutes = f" --seed {lab.seed}" if lab.seed else "", max(1, round(own.log[-1]["minutes"]))
    face = isinstance(row, FaceRow)
    data, split = ("DATA/fer2013", "PublicTest") if face else ("DATA/speech/CORPUS", "valid")
    parts = joined_commands(own.folder)
    options = f"{command_options(own.folder)} --minutes {minutes}"
    train = f"python -m edge.training train {row.name}{seed}{options}"
    return {
        "train": " && ".join([*parts, f"python -m edge.training join{seed}"]) if parts else train,
        "export": f"python -m edge.training export {row.name}{seed}",
        "evaluate": f"emotion-edge evaluate {row.kind} {data} --model {engine_name(row)} --split {split}",
    }


def _training_data(lab: Lab, row: NetworkRow) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Who was trained on where that is known, and what, with its terms."""
    if isinstance(row, FaceRow):
        return {}, [*face_data(lab.faces()), *([RECOGNISER] if taught_by_recogniser(lab.folder(row)) else [])]
    corpora = lab.corpora()
    people = {"training_speakers": training_speakers(corpora)}
    heard = [WHISPER] if has_ear(lab.folder(row)) else []
    return people, [*speech_data(corpora, background_terms(lab.data)), *heard]


def _start(own: RunRecord, which: str, *, kept: bool) -> str:
    """What the run began with, in words."""
    start = "" if kept else describe_start(own.folder)
    if which == "best" and (members := own.averaged):
        return f"{start} {mean_words(members)}".strip()
    if start and which == "best" and (share := own.blended):
        return f"{start} {blend_words(share)}"
    return start


__all__ = ["export_row"]
