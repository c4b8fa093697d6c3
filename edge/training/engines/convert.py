"""FP16 and INT8 forms of an engine for TensorRT, calibrated and judged on labelled data.

They lie beside the engine as `NAME.tensorrt-PRECISION.onnx`, where `build_engines.py --precision` finds
them. ONNX Runtime's CPU computes the figures; a GPU may round differently.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from edge.errors import DataError
from edge.evaluation.evaluate import evaluate_face, evaluate_speech, labelled_clips, speech_windows
from edge.evaluation.faces import load_faces
from edge.evaluation.metrics import Metrics
from edge.evaluation.sound import read_sound
from edge.inference.card import load_card, sha256, verify
from edge.inference.engine import Batch
from edge.inference.tensorrt.plans import write_atomically
from edge.inference.tensorrt.precision import beside, to_fp16, to_int8
from edge.perception.face_input import face_batch
from edge.perception.features import speech_features
from edge.training.figures.scores import Document
from edge.training.recipes.row import Kind

_BATCH: Final = 16
_FIGURES: Final = ("n", "accuracy", "uar", "nll")


@dataclass(frozen=True)
class Conversion:
    """Which form of which engine, and the labelled data to calibrate and to check it on."""

    kind: Kind
    precision: Literal["fp16", "int8"]
    data: Path
    engines: Path
    calibrate: str | None = None
    check: str | None = None
    items: int = 512
    method: str = "MinMax"

    @property
    def engine(self) -> Path:
        """The engine in float32."""
        return self.engines / f"{self.kind}.onnx"


def convert(wanted: Conversion) -> Document:
    """Write it; returns its file and size, and the figures of both. Raises EdgeError."""
    content = _converted(wanted)
    before, after = _judge(wanted.engine, wanted), _judge_bytes(content, wanted)
    target = beside(wanted.engine, wanted.precision)
    write_atomically(target, content)
    return {"file": str(target), "bytes": len(content), "fp32": before, wanted.precision: after}


def _converted(wanted: Conversion) -> bytes:
    engine = wanted.engine
    verify(engine, load_card(engine.with_suffix(".json")))
    if wanted.precision == "fp16":
        return to_fp16(engine, base_sha256=sha256(engine))
    inputs = _inputs(wanted)
    batches = [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]
    return to_int8(engine, batches, base_sha256=sha256(engine), method=wanted.method)


def _inputs(wanted: Conversion) -> Batch:
    """Inputs of faces or clips of a split, drawn at random with a fixed seed."""
    random = np.random.default_rng(0)
    if wanted.kind == "face":
        faces = load_faces(wanted.data).split(wanted.calibrate)
        rows = random.permutation(len(faces.labels))[: wanted.items]
        return face_batch(faces.images[rows], load_card(wanted.engine.with_suffix(".json")))
    clips, _ = labelled_clips(wanted.data, wanted.calibrate)
    chosen = [clips[index] for index in random.permutation(len(clips))[: wanted.items]]
    inputs = [speech_features(window) for clip in chosen for window in speech_windows(read_sound(clip.path))]
    if not inputs:
        raise DataError(f"nothing to calibrate with in {wanted.data}")
    return np.stack(inputs)


def _judge(engine: Path, wanted: Conversion) -> Metrics:
    """Accuracy, mean recall and likelihood of an engine with a card on the checked split."""
    evaluate = evaluate_face if wanted.kind == "face" else evaluate_speech
    figures = evaluate(wanted.data, str(engine), wanted.check)
    return {name: figures[name] for name in _FIGURES}


def _judge_bytes(content: bytes, wanted: Conversion) -> Metrics:
    """As `_judge`, for a form that has no card of its own."""
    with tempfile.TemporaryDirectory(prefix="emotion-edge-") as folder:
        path = Path(folder) / wanted.engine.name
        path.write_bytes(content)
        card = json.loads(wanted.engine.with_suffix(".json").read_text(encoding="utf-8"))
        path.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(path)}), encoding="utf-8")
        return _judge(path, wanted)


__all__ = ["Conversion", "convert"]
