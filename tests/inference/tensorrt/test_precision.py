import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.errors import ModelError
from edge.inference.tensorrt.onnx_graph import attention
from edge.inference.tensorrt.precision import base_of, precision_of, to_fp16, to_int8

BATCH = np.random.default_rng(3).standard_normal((4, 1, 8, 12)).astype(np.float32)
SHA = "e" * 64


@pytest.fixture
def pooled(tmp_path: Path) -> Path:
    """Convolution, attentive statistics pooling (softmax, weighted mean and deviation), linear layer."""
    return _write(tmp_path / "speech.onnx", largest_weight=0.3)


def _write(path: Path, largest_weight: float) -> Path:
    random = np.random.default_rng(5)
    weights = {
        "w": (random.standard_normal((6, 1, 8, 3)) * 0.3).astype(np.float32),
        "score": np.full((6, 1), largest_weight, np.float32),
        "out": random.standard_normal((12, 7)).astype(np.float32),
        "zero": np.zeros(1, np.float32),
    }
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["c"], name="conv", pads=[0, 1, 0, 1]),
        node("Squeeze", ["c", "axis2"], ["s"], name="squeeze"),
        node("Transpose", ["s"], ["t"], name="transpose", perm=[0, 2, 1]),
        node("MatMul", ["t", "score"], ["m"], name="score"),
        node("Softmax", ["m"], ["a"], name="softmax", axis=1),
        node("Mul", ["t", "a"], ["ta"], name="weigh"),
        node("ReduceSum", ["ta", "axis1"], ["mean"], name="mean", keepdims=0),
        node("Mul", ["t", "t"], ["tt"], name="square"),
        node("Mul", ["tt", "a"], ["tta"], name="weigh_squares"),
        node("ReduceSum", ["tta", "axis1"], ["second"], name="second", keepdims=0),
        node("Mul", ["mean", "mean"], ["mm"], name="mean_square"),
        node("Sub", ["second", "mm"], ["variance"], name="variance"),
        node("Max", ["variance", "zero"], ["clipped"], name="clip"),
        node("Sqrt", ["clipped"], ["deviation"], name="deviation"),
        node("Concat", ["mean", "deviation"], ["f"], name="concat", axis=1),
        node("MatMul", ["f", "out"], ["logits"], name="classify"),
    ]
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    tensors += [numpy_helper.from_array(np.array([i], np.int64), f"axis{i}") for i in (1, 2)]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 12])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 7])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def run(model: bytes, batch: NDArray[np.float32] = BATCH) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    result: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: batch})[0]
    return result


def types_of(model: bytes) -> dict[str, int]:
    """Element type of every node's first output, by the node's name."""
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(model))
    kinds = {value.name: value.type.tensor_type.elem_type for value in inferred.graph.value_info}
    return {node.name: kinds.get(node.output[0], 0) for node in inferred.graph.node}


def test_fp16_stays_close_and_keeps_float_ends(pooled: Path) -> None:
    converted = to_fp16(pooled, base_sha256=SHA)
    np.testing.assert_allclose(run(converted), run(pooled.read_bytes()), atol=0.02)
    assert run(converted).dtype == np.float32
    assert precision_of(onnx.load_from_string(converted)) == "fp16"


def test_fp16_computes_products_in_halves_and_statistics_in_floats(pooled: Path) -> None:
    types = types_of(to_fp16(pooled, base_sha256=SHA))
    assert types["conv"] == types["score"] == TensorProto.FLOAT16
    keeps_float32 = (
        "softmax",
        "square",
        "weigh",
        "mean",
        "weigh_squares",
        "second",
        "variance",
        "clip",
        "deviation",
    )
    assert {name: types[name] for name in keeps_float32} == dict.fromkeys(keeps_float32, TensorProto.FLOAT)


def test_fp16_survives_squares_beyond_the_range_of_halves(pooled: Path) -> None:
    loud = BATCH * np.float32(500)
    expected = run(pooled.read_bytes(), loud)
    largest = np.abs(expected).max()
    assert largest > 300
    halves = run(to_fp16(pooled, base_sha256=SHA), loud)
    np.testing.assert_allclose(halves, expected, rtol=0.02, atol=0.02 * largest)


def test_a_weight_that_is_no_half_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'score' does not fit into fp16"):
        to_fp16(_write(tmp_path / "m.onnx", largest_weight=1e6), base_sha256=SHA)


def test_int8_is_symmetric_without_integer_bias_and_spares_attention(pooled: Path) -> None:
    batches = [BATCH, -BATCH]
    quantised = to_int8(pooled, batches, base_sha256=SHA)
    model = onnx.load_from_string(quantised)
    assert precision_of(model) == "int8"
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    pairs = [node for node in model.graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")]
    assert pairs
    for node in pairs:
        zero_point = arrays[node.input[2]]
        assert zero_point.dtype == np.int8
        assert not zero_point.any()
    assert not any(array.dtype == np.int32 for array in arrays.values())
    attended = {node.name for node in attention(onnx.load(pooled))}
    assert {"score", "softmax", "weigh"} <= attended
    fed = {name for node in model.graph.node if node.name in attended for name in node.input}
    assert not fed & {node.output[0] for node in pairs}
    np.testing.assert_allclose(run(quantised), run(pooled.read_bytes()), atol=0.25)


def test_onnx_runtime_computes_its_own_int8_in_integers(pooled: Path, tmp_path: Path) -> None:
    batches = [BATCH, -BATCH]

    def operators(content: bytes) -> set[str]:
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return {node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node}

    quantised = to_int8(pooled, batches, base_sha256=SHA, runtime="onnx")
    assert "QLinearConv" in operators(quantised)
    assert "Conv" in operators(pooled.read_bytes())
    np.testing.assert_allclose(run(quantised), run(pooled.read_bytes()), atol=0.25)


def test_a_variant_names_the_file_it_was_made_from(pooled: Path) -> None:
    sha = hashlib.sha256(pooled.read_bytes()).hexdigest()
    assert base_of(to_fp16(pooled, base_sha256=sha)) == sha
    assert base_of(pooled.read_bytes()) is None


def test_a_model_without_float_weights_cannot_become_fp16(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [value("x", TensorProto.FLOAT, ["n", 3])],
        [value("y", TensorProto.FLOAT, ["n", 3])],
    )
    path = tmp_path / "relu.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    with pytest.raises(ModelError, match="no float32 weight"):
        to_fp16(path, base_sha256=SHA)
    with pytest.raises(ModelError, match="no Conv, Gemm or MatMul"):
        to_int8(path, [np.ones((1, 3), np.float32)], base_sha256=SHA)


def test_rubbish_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.onnx"
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(ModelError, match=r"rubbish\.onnx"):
        to_fp16(path, base_sha256=SHA)
