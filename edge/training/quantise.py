"""INT8 engines for ONNX Runtime on the CPU: made from a shipped engine, kept where they earn it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.inference.precision import to_int8
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.cards import build_metrics
from edge.training.engines import engine_name, milliseconds, real_inputs
from edge.training.export import macs_and_parameters, onnx_runner, write_engine
from edge.training.judge import class_scores, figures, judge
from edge.training.lab import Lab
from edge.training.precision import processor
from edge.training.rows import Row

FASTER = 1.5
"""How many times as fast as in float32 an INT8 engine must be."""
LOSS = 0.005
"""How much accuracy (faces) or mean UAR (speech) it may lose."""
ITEMS = 512
BATCH = 16


class Exported(nn.Module):
    """An engine's file in the place of the row's network: (n, 1, h, w) -> logits (n, 7)."""

    def __init__(self, content: bytes, side: int | None = None) -> None:
        super().__init__()
        self._run = onnx_runner(content)
        self._side = side

    def forward(self, x: Tensor) -> Tensor:
        """Where the engine takes `side` pixels, the border that it ignores is put around the picture."""
        edge = 0 if self._side is None else (self._side - x.shape[-1]) // 2
        return torch.from_numpy(self._run(functional.pad(x, [edge] * 4).contiguous().numpy()))


def quantise_row(
    lab: Lab, row: Row, folder: Path, *, faster: float = FASTER, loss: float = LOSS
) -> dict[str, Any]:
    """`folder/NAME-int8.onnx` with its card from `NAME.onnx`, if it is so much faster and loses no more.

    Otherwise an older file of that name is removed. Returns what was measured; `kept` says which of the two.

    Raises DataError when the engine or its card cannot be read.
    """
    name = engine_name(row)
    content, card = _engine(folder / f"{name}.onnx")
    batches = np.array_split(calibration(lab, row), ITEMS // BATCH)
    made = to_int8(folder / f"{name}.onnx", batches, base_sha256=card["sha256"], runtime="onnx")
    side = FACE_SIZE if row.kind == "face" else None
    before, after = (figures(judge(lab, row, Exported(each, side))) for each in (content, made))
    item = real_inputs(lab, row, 1)[:1]
    times = [milliseconds(onnx_runner(each), item) for each in (content, made)]
    score = "accuracy" if row.kind == "face" else "mean_uar"
    result = {
        "score": score,
        "float32": before[score],
        "int8": after[score],
        "ms_float32": times[0],
        "ms_int8": times[1],
        "faster": times[0] / times[1],
        "kept": times[0] >= faster * times[1] and before[score] - after[score] <= loss,
    }
    target = f"{name}-int8"
    if not result["kept"]:
        for ending in (".onnx", ".json"):
            (folder / f"{target}{ending}").unlink(missing_ok=True)
        return result
    _, parameters = macs_and_parameters(content)
    cost = card["cost"] | {"parameters": parameters, "ms_one_thread": times[1], "processor": processor()}
    own = {
        "title": f"{card['title']}, INT8 for the CPU",
        "runtimes": ["onnx"],
        "temperature": after["temperature"],
        "per_class": class_scores(after),
        "metrics": build_metrics(row, after),
        "cost": cost,
        "made_from": {"name": name, "sha256": card["sha256"], **result},
        "commands": {
            **card["commands"],
            "export": f"python -m edge.training quantise {row.name}",
            "evaluate": card["commands"]["evaluate"].replace(f"--model {name} ", f"--model {target} "),
        },
    }
    write_engine(folder, target, made, {**card, **own, "name": target})
    return result


def calibration(lab: Lab, row: Row) -> NDArray[np.float32]:
    """Inputs of training items as they are, drawn with a fixed seed, that set the ranges."""
    generator = np.random.default_rng(0)
    if row.kind == "face":
        images = lab.faces().train.images
        return face_input(images[generator.choice(len(images), min(ITEMS, len(images)), replace=False)])
    clips = lab.speech(row.speech.front, variants=0).variants[0]
    chosen = generator.choice(len(clips), min(ITEMS, len(clips)), replace=False)
    return np.concatenate([row.speech.front.windows(clips[k])[:1] for k in chosen.tolist()])


def _engine(path: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        card = dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        return path.read_bytes(), card
    except (OSError, ValueError) as error:
        raise DataError(f"no engine with a card at {path} ({error}): export the row first") from error
