"""An engine's file in the place of its row's network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.inference.engine import Batch
from edge.perception.face_input import FACE_SIZE
from edge.training.models.standardised import network_alone


def onnx_runner(content: bytes) -> Callable[[Batch], NDArray[np.float32]]:
    """A function from a batch of inputs to logits (n, 7), by ONNX Runtime on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda batch: np.asarray(session.run(None, {name: batch})[0])


class Exported(nn.Module):
    """An engine's file in the place of its row's network: (n, 1, h, w) -> logits (n, 7).

    Faces come standardised, as the network takes them: what an engine does before that is left out.
    """

    def __init__(self, content: bytes, kind: str) -> None:
        super().__init__()
        content = network_alone(content)
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


__all__ = ["Exported", "onnx_runner"]
