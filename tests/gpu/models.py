"""Real models for the GPU tests: those that ship, and small ones made on the spot."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from edge.config.resources import resource
from edge.inference.directories import cache_directory
from edge.inference.engine import Batch
from edge.inference.registry import Model, find_model
from edge.vocabulary import LABELS

SIDE = 16


def shipped(kind: str) -> Path:
    """The face or speech model of the product."""
    return resource("engines") / f"{kind}.onnx"


def detector() -> Path | None:
    """The fetched detector of this user, if there is one."""
    from edge.config.models import EnginesConfig

    path = cache_directory(EnginesConfig(), {}) / "centerface.onnx"
    return path if path.is_file() else None


def batch_for(shape: tuple[int, ...], takes: Any, seed: int) -> Batch:
    """Noise as a model takes it: bytes, or numbers around zero."""
    random = np.random.default_rng(seed)
    if takes == np.uint8:
        return random.integers(0, 256, shape, dtype=np.uint8)
    return random.standard_normal(shape).astype(np.float32)


def copy_model(source: Path, folder: Path) -> Path:
    """The model with its card in a folder of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (source, source.with_suffix(".json")):
        shutil.copy(path, folder / path.name)
    return folder / source.name


def small_model(
    folder: Path, name: str = "face", *, operator: str = "Relu", scale: float = 0.3, side: int = SIDE
) -> Path:
    """A convolution, `operator`, pooling and a linear layer over (n, 1, side, side), with its card."""
    random = np.random.default_rng(5)
    weights = {
        "w": (random.standard_normal((8, 1, 3, 3)) * scale).astype(np.float32),
        "fw": random.standard_normal((8, 7)).astype(np.float32),
    }
    node = helper.make_node
    domain = "com.example" if operator == "FancyOp" else ""
    nodes = [
        node("Conv", ["image", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        node(operator, ["c"], ["r"], name="middle", domain=domain),
        node("GlobalAveragePool", ["r"], ["g"], name="pool"),
        node("Flatten", ["g"], ["f"], name="flatten"),
        node("MatMul", ["f", "fw"], ["logits"], name="classify"),
    ]
    value, kind = helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "g",
        [value("image", kind, ["n", 1, side, side])],
        [value("logits", kind, ["n", 7])],
        [numpy_helper.from_array(array, key) for key, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    path = folder / f"{name}.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    write_card(path, name, side)
    return path


def write_card(path: Path, name: str, side: int = SIDE) -> None:
    """A card that matches the file."""
    card = {
        "name": name,
        "kind": "face",
        "version": "1",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "input": {"name": "image", "shape": ["n", 1, side, side], "layout": "NCHW", "normalisation": "none"},
        "labels": LABELS,
    }
    path.with_suffix(".json").write_text(json.dumps(card))


def load(path: Path) -> Model:
    """The model behind a path, checked against its card."""
    from edge.config.models import EnginesConfig

    return find_model(str(path), config=EnginesConfig())
