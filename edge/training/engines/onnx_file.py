"""From a checkpoint to an engine: fold, export to ONNX, check the parity, write the card."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from torch import nn

from edge.inference.engine import Batch
from edge.training.engines.inputs import network_inputs
from edge.training.figures.scores import rounded
from edge.training.models.exported import onnx_runner
from edge.training.models.folding import folded
from edge.training.models.unfolding import TRANSPOSED

_OPSET: Final = 17
_NUMBERED: Final = "onnx::"
"""How the exporter names what it changed."""
TOLERANCE: Final = 1e-3
"""Largest difference in probabilities between PyTorch and ONNX Runtime."""


def to_onnx(model: nn.Module, sample: torch.Tensor, name: str) -> bytes:
    """The model as ONNX with one input `name`, a free batch size, and one output `logits`."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            folded(model),
            (sample,),
            path,
            input_names=[name],
            output_names=["logits"],
            dynamic_axes={name: {0: "n"}, "logits": {0: "n"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        graph = _named(onnx.load(path), model)
    onnx.checker.check_model(graph, full_check=True)
    return bytes(graph.SerializeToString())


def _named(graph: onnx.ModelProto, model: nn.Module) -> onnx.ModelProto:
    """Weights of products under the names that they have in the model: the exporter transposes them and
    gives them numbers."""
    state = {name: each.detach().cpu().numpy() for name, each in model.state_dict().items() if each.ndim == 2}
    names = {each.T.tobytes(): f"{name}{TRANSPOSED}" for name, each in state.items()}
    renamed = {
        each.name: names[content]
        for each in graph.graph.initializer
        if each.name.startswith(_NUMBERED)
        and (content := onnx.numpy_helper.to_array(each).tobytes()) in names
    }
    for each in graph.graph.initializer:
        each.name = renamed.get(each.name, each.name)
    for node in graph.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    return graph


def parity(model: nn.Module, content: bytes, inputs: Batch) -> float:
    """Largest difference in probabilities between the PyTorch model in float32 and the ONNX file.

    `inputs` are the file's: crops in bytes are standardised for the model.
    """
    reference = copy.deepcopy(model).eval().float()
    with torch.no_grad():
        expected = torch.softmax(reference(torch.from_numpy(network_inputs(inputs))), 1).numpy()
    found = torch.softmax(torch.from_numpy(onnx_runner(content)(inputs)), 1).numpy()
    return float(np.abs(expected - found).max())


def write_engine(folder: Path, name: str, content: bytes, card: dict[str, Any]) -> None:
    """`NAME.onnx` and its card `NAME.json` with the file's sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(content)
    full = {"name": name, **card, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / f"{name}.json").write_text(json.dumps(rounded(full), indent=1) + "\n", encoding="utf-8")


def macs_and_parameters(content: bytes) -> tuple[int, int]:
    """Multiply-accumulates for one item and stored weights of an exported model."""
    graph = onnx.shape_inference.infer_shapes(onnx.load_from_string(content)).graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in graph.value_info}
    shapes |= {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in graph.output}
    weights = {w.name: list(w.dims) for w in graph.initializer}
    total = 0
    for node in graph.node:
        if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in weights:
            kernel = weights[node.input[1]]
            shape = shapes.get(node.output[0], [0])
            places = np.prod(shape[2:] if node.op_type == "Conv" else shape[1:-1])
            total += int(np.prod(kernel) * places)
    return total, int(sum(np.prod(dims) for dims in weights.values()))


__all__ = ["TOLERANCE", "macs_and_parameters", "parity", "to_onnx", "write_engine"]
