"""From a checkpoint to an engine: fold, export to ONNX, check the parity, write the card."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge.perception.face_input import FACE_SIZE

OPSET = 17
TOLERANCE = 1e-3
"""Largest difference in probabilities between PyTorch and ONNX Runtime."""


def folded(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode with every batch normalization folded into the convolution before it."""
    result = copy.deepcopy(model).eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    for module in result.modules():
        _fold_children(module)
    return cast(nn.Module, result.float())


def _fold_children(module: nn.Module) -> None:
    names = list(module._modules)
    for name in names:
        follower = name + "_norm" if not name.isdigit() else str(int(name) + 1)
        first, second = module._modules.get(name), module._modules.get(follower)
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            module._modules[name] = fuse_conv_bn_eval(first, second)
            module._modules[follower] = nn.Identity()


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
            opset_version=OPSET,
            dynamo=False,
        )
        graph = onnx.load(path)
    onnx.checker.check_model(graph, full_check=True)
    return bytes(graph.SerializeToString())


def onnx_runner(content: bytes) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A function from a batch of inputs to logits (n, 7), by ONNX Runtime on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda batch: np.asarray(session.run(None, {name: batch})[0])


class Exported(nn.Module):
    """An engine's file in the place of its row's network: (n, 1, h, w) -> logits (n, 7)."""

    def __init__(self, content: bytes, kind: str) -> None:
        super().__init__()
        self._run = onnx_runner(content)
        self.item = _item(content)
        self._side = FACE_SIZE if kind == "face" else None

    def forward(self, x: Tensor) -> Tensor:
        """Of a face the border is put back that engines take and leave out."""
        edge = 0 if self._side is None else (self._side - x.shape[-1]) // 2
        return torch.from_numpy(self._run(functional.pad(x, [edge] * 4).contiguous().numpy()))


def _item(content: bytes) -> tuple[int, ...]:
    """Shape of one item of a model's input."""
    first = onnx.load_from_string(content).graph.input[0]
    return tuple(dim.dim_value for dim in first.type.tensor_type.shape.dim)[1:]


def parity(model: nn.Module, content: bytes, inputs: NDArray[np.float32]) -> float:
    """Largest difference in probabilities between the PyTorch model in float32 and the ONNX file."""
    reference = copy.deepcopy(model).eval().float()
    with torch.no_grad():
        expected = torch.softmax(reference(torch.from_numpy(inputs)), 1).numpy()
    found = torch.softmax(torch.from_numpy(onnx_runner(content)(inputs)), 1).numpy()
    return float(np.abs(expected - found).max())


def write_engine(folder: Path, name: str, content: bytes, card: dict[str, Any]) -> None:
    """`NAME.onnx` and its card `NAME.json` with the file's sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(content)
    full = {"name": name, **card, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / f"{name}.json").write_text(json.dumps(rounded(full), indent=1) + "\n", encoding="utf-8")


def rounded(value: Any, digits: int = 4) -> Any:
    """Floats of a nested document rounded."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return value


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
            places = np.prod(shapes.get(node.output[0], [0])[2:]) if node.op_type == "Conv" else 1
            total += int(np.prod(kernel) * places)
    return total, int(sum(np.prod(dims) for dims in weights.values()))
