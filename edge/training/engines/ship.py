"""Exporting a trained row as an engine of the daemon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edge.errors import DataError
from edge.perception.face_input import FACE_SIZE, face_input
from edge.perception.features import WINDOW_SECONDS, speech_features
from edge.training.data.fronts import OURS
from edge.training.data.sound import background_terms
from edge.training.device import processor
from edge.training.engines.cards import build_card, face_data, speech_data, training_speakers
from edge.training.engines.export import (
    TOLERANCE,
    Exported,
    macs_and_parameters,
    onnx_runner,
    parity,
    to_onnx,
    write_engine,
)
from edge.training.figures.judge import Document, figures, judge
from edge.training.models.face import FaceClassifier
from edge.training.recipes.rows import Row
from edge.training.runs.lab import Lab
from edge.training.runs.start import blend_words, command_options, describe_start
from edge.vocabulary import SAMPLE_RATE

Item = TypeVar("Item")


def export_row(lab: Lab, row: Row, folder: Path, *, which: str = "best") -> Document:
    """Judge a trained row and write `folder/NAME.onnx` with its card; returns the figures.

    An INT8 engine made from other weights is removed; `quantise` makes another.

    Raises DataError when it was not trained, the daemon makes no such input, or PyTorch and ONNX Runtime
    disagree.
    """
    if row.kind == "speech" and row.speech.front != OURS:
        raise DataError(f"{row.name} is no engine: the daemon makes no {row.speech.front.bands} bands")
    network, kept = lab.trained(row, which), which == "best" and lab.kept_its_engine(row)
    model: nn.Module = FaceClassifier(network, row.face.inner) if row.kind == "face" else network
    inputs = real_inputs(lab, row)
    content = to_onnx(model, torch.from_numpy(inputs[:2]), row.kind)
    difference = parity(model, content, inputs)
    if difference > TOLERANCE:
        raise DataError(f"{row.name}: PyTorch and ONNX Runtime differ by {difference:.2g} in probabilities")
    document = figures(judge(lab, row, Exported(content, row.kind)))
    macs, parameters = macs_and_parameters(content)
    name, seed = engine_name(row), f" --seed {lab.seed}" if lab.seed else ""
    data = "DATA/fer2013" if row.kind == "face" else "DATA/speech/CORPUS"
    split = "PublicTest" if row.kind == "face" else "valid"
    extra: dict[str, Any] = {
        "cost": {
            "parameters": parameters,
            "macs": macs,
            "ms_one_thread": milliseconds(onnx_runner(content), inputs[:1]),
            "ms_features": preparing(row),
            "processor": processor(),
            "training_minutes": lab.earlier_minutes(row) + (0.0 if kept else lab.log(row)[-1]["minutes"]),
            **({"training_gpu": lab.gpu(row)} if lab.gpu(row) else {}),
        },
        "parity": difference,
        "commands": {
            "train": f"python -m edge.training train {row.name}{seed}{_options(lab, row)}",
            "export": f"python -m edge.training export {row.name}{seed}",
            "evaluate": f"emotion-edge evaluate {row.kind} {data} --model {name} --split {split}",
        },
    }
    start = "" if kept else describe_start(lab.folder(row))
    if start and which == "best" and (share := lab.blended(row)):
        start = f"{start} {blend_words(share)}"
    if row.kind == "face":
        trained_on = face_data(lab.faces())
    else:
        trained_on = speech_data(lab.corpora(), background_terms(lab.data))
    if row.kind == "speech":
        extra["training_speakers"] = training_speakers(lab.corpora())
    card = build_card(row, document, trained_on, extra | ({"start": start} if start else {}))
    write_engine(folder, name, content, card)
    if not int8_is_current(folder, name):
        remove_int8(folder, name)
    return document | extra


def _options(lab: Lab, row: Row) -> str:
    """Of the command that trained a row, with its minutes."""
    minutes = lab.log(row)[-1]["minutes"]
    return f"{command_options(lab.folder(row))} --minutes {max(1, round(minutes))}"


def int8_is_current(folder: Path, name: str) -> bool:
    """Whether the INT8 engine of that name was made from the float32 one that lies there."""
    try:
        base, made = (json.loads((folder / f"{name}{end}.json").read_bytes()) for end in ("", "-int8"))
        return bool(base["sha256"] == made["made_from"]["sha256"])
    except (OSError, ValueError, KeyError):
        return False


def remove_int8(folder: Path, name: str) -> None:
    """Take away the INT8 engine of that name."""
    for ending in (".onnx", ".json"):
        (folder / f"{name}-int8{ending}").unlink(missing_ok=True)


def engine_name(row: Row) -> str:
    """`face` for face/ours, `face-small` for face/small, and so on."""
    kind, variant = row.name.split("/")
    return kind if variant == "ours" else f"{kind}-{variant}"


def real_inputs(lab: Lab, row: Row, count: int = 64) -> NDArray[np.float32]:
    """Inputs of validation items, evenly chosen."""
    if row.kind == "face":
        images = lab.faces().valid.images
        return face_input(images[:: max(1, len(images) // count)][:count])
    data = lab.speech(row.speech.front, variants=0)
    chosen = data.valid_clean[:: max(1, len(data.valid_clean) // count)][:count]
    return np.concatenate([row.speech.front.windows(each)[:1] for each in chosen])


def milliseconds(run: Callable[[Item], object], item: Item, rounds: int = 100) -> float:
    """Fastest of some calls with one item."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        run(item)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def preparing(row: Row) -> float:
    """Milliseconds from a face's crop, or from 3 s of sound, to the engine's input."""
    generator = np.random.default_rng(0)
    if row.kind == "face":
        crop = generator.integers(0, 256, (1, FACE_SIZE, FACE_SIZE), dtype=np.uint8)
        return milliseconds(face_input, crop)
    sound = generator.normal(0, 0.1, int(WINDOW_SECONDS * SAMPLE_RATE)).astype(np.float32)
    return milliseconds(speech_features, sound)
