import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.inference.protobuf import free_sizes, output_names, read, write


def fixed_model() -> bytes:
    """A convolution of one fixed size with its weights among its inputs, as old exports have it."""
    weights = numpy_helper.from_array(np.ones((1, 3, 3, 3), np.float32), "w")
    node = helper.make_node("Conv", ["image", "w"], ["heat"], pads=[1, 1, 1, 1])
    inputs = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, [10, 3, 32, 32]),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [1, 3, 3, 3]),
    ]
    outputs = [helper.make_tensor_value_info("heat", TensorProto.FLOAT, [10, 1, 32, 32])]
    graph = helper.make_graph([node], "g", inputs, outputs, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def test_reading_and_writing_changes_nothing() -> None:
    model = fixed_model()
    assert write(list(read(model))) == model


def test_sizes_become_free_and_weights_leave_the_inputs() -> None:
    model = onnx.load_from_string(free_sizes(fixed_model()))
    onnx.checker.check_model(model, full_check=True)
    assert [value.name for value in model.graph.input] == ["image"]
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in shape] == ["n", 3, "height", "width"]


def test_the_freed_model_runs_at_other_sizes() -> None:
    session = ort.InferenceSession(free_sizes(fixed_model()), providers=["CPUExecutionProvider"])
    (heat,) = session.run(None, {"image": np.ones((1, 3, 64, 96), np.float32)})
    assert heat.shape == (1, 1, 64, 96)
    assert heat[0, 0, 30, 30] == 27.0


def test_outputs_are_named() -> None:
    assert output_names(fixed_model()) == {"heat"}


@pytest.mark.parametrize("data", [b"", b"hello, this is text", b"\x3a\xff\xff\xff\x0f\x00", b"\x0a"])
def test_what_is_no_model_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        output_names(data)


def test_a_truncated_model_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="cut off"):
        free_sizes(fixed_model()[:-5])
