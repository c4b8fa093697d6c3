"""FP16 and INT8 variants of a shipped model, calibrated and judged on labelled data.

    python -m edge.training.engines.variants face int8 DATA --calibrate Training --check PublicTest

Writes `NAME.tensorrt-PRECISION.onnx` beside the model, where `build_engines.py --precision` finds it,
and prints the figures of both. ONNX Runtime's CPU computes them; a GPU may round differently.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.config.resources import resource
from edge.errors import DataError, EdgeError
from edge.evaluation.evaluate import evaluate_face, evaluate_speech, labelled_clips, speech_windows
from edge.evaluation.faces import load_faces
from edge.evaluation.metrics import Metrics
from edge.evaluation.sound import read_sound
from edge.inference.card import load_card, sha256, verify
from edge.inference.tensorrt.plans import write_atomically
from edge.inference.tensorrt.precision import beside, to_fp16, to_int8
from edge.perception.face_input import face_input
from edge.perception.features import speech_features

Kind = Literal["face", "speech"]
_BATCH = 16
_FIGURES = ("n", "accuracy", "uar", "nll")


def main(argv: Sequence[str] | None = None) -> int:
    """Make one variant: 0 fine, 1 failed, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    model = arguments.engines / f"{arguments.kind}.onnx"
    try:
        content = make(model, arguments)
        report = {
            "fp32": judge(model, arguments),
            arguments.precision: judge_bytes(content, model, arguments),
        }
        target = beside(model, arguments.precision)
        write_atomically(target, content)
    except EdgeError as error:
        print(f"variants: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"file": str(target), "bytes": len(content), **report}, indent=2))
    return 0


def make(model: Path, arguments: argparse.Namespace) -> bytes:
    """The variant's bytes. Raises EdgeError."""
    verify(model, load_card(model.with_suffix(".json")))
    if arguments.precision == "fp16":
        return to_fp16(model, base_sha256=sha256(model))
    inputs = calibration(arguments.kind, arguments.data, arguments.calibrate, arguments.items)
    batches = [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]
    return to_int8(model, batches, base_sha256=sha256(model), method=arguments.method)


def calibration(kind: Kind, data: Path, split: str | None, items: int) -> NDArray[np.float32]:
    """Model inputs of `items` faces or clips of a split, drawn at random with a fixed seed."""
    random = np.random.default_rng(0)
    if kind == "face":
        faces = load_faces(data).split(split)
        rows = random.permutation(len(faces.labels))[:items]
        return face_input(faces.images[rows])
    clips, _ = labelled_clips(data, split)
    chosen = [clips[index] for index in random.permutation(len(clips))[:items]]
    inputs = [speech_features(window) for clip in chosen for window in speech_windows(read_sound(clip.path))]
    if not inputs:
        raise DataError(f"nothing to calibrate with in {data}")
    return np.stack(inputs)


def judge(model: Path, arguments: argparse.Namespace) -> Metrics:
    """Accuracy, mean recall and likelihood of a model with a card on the checked split."""
    evaluate = evaluate_face if arguments.kind == "face" else evaluate_speech
    figures = evaluate(arguments.data, str(model), arguments.check)
    return {name: figures[name] for name in _FIGURES}


def judge_bytes(content: bytes, model: Path, arguments: argparse.Namespace) -> Metrics:
    """As `judge`, for a variant that has no card of its own."""
    with tempfile.TemporaryDirectory(prefix="emotion-edge-") as folder:
        path = Path(folder) / model.name
        path.write_bytes(content)
        card = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
        path.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(path)}), encoding="utf-8")
        return judge(path, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m edge.training.engines.variants",
        description="Make an FP16 or INT8 variant of a model.",
    )
    parser.add_argument("kind", choices=("face", "speech"))
    parser.add_argument("precision", choices=("fp16", "int8"))
    parser.add_argument("data", type=Path, help="labelled data, as for `emotion-edge evaluate`")
    parser.add_argument("--calibrate", metavar="SPLIT", help="split that sets the INT8 ranges (default: all)")
    parser.add_argument("--check", metavar="SPLIT", help="split that the figures are of (default: all)")
    parser.add_argument("--items", type=int, default=512, help="faces or clips to calibrate with (512)")
    parser.add_argument("--method", choices=("MinMax", "Percentile"), default="MinMax")
    parser.add_argument("--engines", type=Path, default=resource("engines"), metavar="DIR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
