"""Weights taken out of an INT8 model and put back from the float32 file they were made of."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.inference.hollow import emptied, filled

WEIGHTS = np.random.default_rng(0).normal(0, 1, (4, 3, 3, 3)).astype(np.float32)
SCALE = (np.abs(WEIGHTS).max(axis=(1, 2, 3)) / 64).astype(np.float32)


def model(initializers: list[onnx.TensorProto], weights: str, nodes: list[onnx.NodeProto]) -> bytes:
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 6, 6])
    nodes = [*nodes, helper.make_node("Conv", ["x", weights, "b"], ["y"])]
    graph = helper.make_graph(nodes, "net", [picture], [output], initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return bytes(made.SerializeToString())


def tensor(name: str, value: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


BIAS = tensor("b", np.arange(4, dtype=np.float32))
SOURCE = model([tensor("w", WEIGHTS), BIAS], "w", [])
WHOLE = model(
    [
        tensor("w_quantized", np.round(WEIGHTS / SCALE[:, None, None, None]).astype(np.int8)),
        tensor("w_scale", SCALE),
        tensor("w_zero_point", np.zeros(4, np.int8)),
        BIAS,
    ],
    "w_float",
    [helper.make_node("DequantizeLinear", ["w_quantized", "w_scale", "w_zero_point"], ["w_float"], axis=0)],
)


def run(content: bytes) -> NDArray[np.float32]:
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": np.ones((1, 3, 8, 8), np.float32)})[0])


def test_a_model_without_its_weights_gets_the_same_ones_back() -> None:
    hollow = emptied(WHOLE, SOURCE)
    assert len(hollow) < len(WHOLE) - WEIGHTS.size
    assert filled(hollow, SOURCE) == WHOLE
    np.testing.assert_allclose(run(filled(hollow, SOURCE)), run(SOURCE), atol=0.2)


def test_weights_of_another_file_stay() -> None:
    other = model([tensor("v", WEIGHTS), tensor("b", np.ones(4, np.float32))], "v", [])
    assert emptied(WHOLE, other) == WHOLE


def test_with_another_source_another_model_is_made() -> None:
    other = model([tensor("w", WEIGHTS + 1), BIAS], "w", [])
    assert filled(emptied(WHOLE, SOURCE), other) != WHOLE


@pytest.mark.parametrize("cut", [10, 200])
def test_a_damaged_file_is_a_value_error(cut: int) -> None:
    with pytest.raises(ValueError, match=r"cut off|wire type"):
        filled(WHOLE[:-cut], SOURCE)
