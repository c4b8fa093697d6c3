"""Tiny real ONNX models with their cards."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.config.models import EnginesConfig
from edge.errors import ModelError
from edge.inference.registry import find_model
from edge.vocabulary import LABELS

MakeModel = Callable[..., Path]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Writes NAME.onnx, a linear classifier of (n, 1, 4, 4) with given weights, and its card."""

    def make(name: str = "face", *, kind: str = "face", scale: float = 1.0, **card: object) -> Path:
        weights = np.random.default_rng(1).normal(0, scale, (16, 7)).astype(np.float32)
        nodes = [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("Gemm", ["flat", "w"], ["logits"]),
        ]
        inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 4, 4])]
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 7])]
        graph = helper.make_graph(nodes, "g", inputs, outputs, [numpy_helper.from_array(weights, "w")])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path = tmp_path / f"{name}.onnx"
        onnx.save(model, path)
        content = {
            "name": name,
            "kind": kind,
            "version": "1.0",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "input": {"name": "image", "shape": ["n", 1, 4, 4], "layout": "NCHW", "normalisation": "none"},
            "labels": LABELS,
        }
        path.with_suffix(".json").write_text(json.dumps(content | card))
        return path

    return make


@pytest.fixture
def fetched_detector() -> Path:
    """The fetched face detector in the user's cache."""
    try:
        return find_model("centerface", config=EnginesConfig(backend="onnx")).path
    except ModelError as error:
        pytest.skip(str(error))
