"""Face engines that want standardised crops, made into ones that standardise them: nothing is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from edge.errors import DataError
from edge.inference.card import load_card, verify
from edge.inference.tensorrt.precision import mark
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.engines.cards import input_spec
from edge.training.engines.names import int8_is_current
from edge.training.engines.onnx_file import write_engine
from edge.training.figures.scores import Document
from edge.training.models.exported import onnx_runner
from edge.training.models.standardised import standardised, takes_bytes

__all__ = ["standardise_engine"]

_TOLERANCE: Final = 1e-4
"""Largest difference in logits that the order of float32 sums may make."""


def standardise_engine(folder: Path, name: str) -> dict[str, float]:
    """Rewrite `NAME.onnx`, and the INT8 engine made from it, to take crops in bytes; cards follow.

    Returns for each file that was changed the largest difference in logits. Raises DataError when there is
    no face engine of that name or a difference is too large.
    """
    path = folder / f"{name}.onnx"
    if not path.is_file() or load_card(path.with_suffix(".json")).kind != "face":
        raise DataError(f"no face engine with a card at {path}")
    current = int8_is_current(folder, name)
    changed = _rewrite(folder, name, {})
    if changed and current:
        base = {"sha256": load_card(path.with_suffix(".json")).sha256}
        changed |= _rewrite(folder, f"{name}-int8", base)
    return changed


def _rewrite(folder: Path, name: str, base: dict[str, str]) -> dict[str, float]:
    path = folder / f"{name}.onnx"
    card: Document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    verify(path, load_card(path.with_suffix(".json")))
    before = path.read_bytes()
    if takes_bytes(before):
        return {}
    made = _marked(standardised(before), base)
    crops = _crops()
    apart = float(np.abs(onnx_runner(before)(face_input(crops)) - onnx_runner(made)(crops[:, None])).max())
    if apart > _TOLERANCE:
        raise DataError(f"{path}: with standardisation inside it answers otherwise, by {apart:.2g}")
    own: dict[str, Any] = {"input": input_spec("face")}
    own |= {"made_from": card["made_from"] | base} if base else {}
    own |= {"cost": {k: v for k, v in card["cost"].items() if k != "ms_features"}} if "cost" in card else {}
    write_engine(folder, name, made, {k: v for k, v in card.items() if k != "name"} | own)
    return {name: apart}


def _marked(content: bytes, base: dict[str, str]) -> bytes:
    if not base:
        return content
    model = onnx.load_from_string(content)
    mark(model, base["sha256"])
    return bytes(model.SerializeToString())


def _crops() -> NDArray[np.uint8]:
    """Noise, ramps, dark and nearly flat crops."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (8, FACE_SIZE, FACE_SIZE), dtype=np.uint8)
    ramp = np.add.outer(np.arange(FACE_SIZE), np.arange(FACE_SIZE)).astype(np.uint8)
    flat = np.full((FACE_SIZE, FACE_SIZE), 90, np.uint8)
    return np.stack([*noise, *(noise // 8), ramp, ramp[::-1], flat, flat + (ramp > 90).astype(np.uint8)])
