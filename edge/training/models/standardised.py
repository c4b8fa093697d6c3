"""Face engines take crops as bytes: what `face_input` does lies in the graph, before the network.

It is put there when an engine is written, so that checkpoints need no new training. A byte is a quarter of a
float on its way to a GPU, and the graph needs less time than numpy calls for one face.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.perception.face_input import MIN_CONTRAST

__all__ = ["network_alone", "standardised", "takes_bytes"]

_PREFIX: Final = "standardise/"
_RESULT: Final = f"{_PREFIX}crop"


def takes_bytes(content: bytes) -> bool:
    """Whether an engine standardises crops itself."""
    return _input_type(onnx.load_from_string(content)) == TensorProto.UINT8


def standardised(content: bytes) -> bytes:
    """The engine of (n, 1, 48, 48) in float32, as one of crops in uint8; one that is such stays as it is."""
    model = onnx.load_from_string(content)
    if _input_type(model) == TensorProto.UINT8:
        return content
    name, network = model.graph.input[0].name, list(model.graph.node)
    for node in network:
        node.input[:] = [_RESULT if each == name else each for each in node.input]
    del model.graph.node[:]
    model.graph.node.extend([*_steps(name), *network])
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def network_alone(content: bytes) -> bytes:
    """The inverse: the engine of standardised crops in float32, for the laboratory, which varies them."""
    model = onnx.load_from_string(content)
    if _input_type(model) != TensorProto.UINT8:
        return content
    name = model.graph.input[0].name
    network = [node for node in model.graph.node if not node.name.startswith(_PREFIX)]
    for node in network:
        node.input[:] = [name if each == _RESULT else each for each in node.input]
    del model.graph.node[:]
    model.graph.node.extend(network)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _steps(crop: str) -> list[onnx.NodeProto]:
    """`face_input` of a tensor (n, 1, rows, columns) in bytes; TensorRT wants the cast first."""
    over = {"axes": [2, 3], "keepdims": 1}
    least = numpy_helper.from_array(np.float32(MIN_CONTRAST), f"{_PREFIX}least")
    return [
        _step("Cast", [crop], "grey", to=TensorProto.FLOAT),
        _step("ReduceMean", ["grey"], "mean", **over),
        _step("Sub", ["grey", "mean"], "apart"),
        _step("Mul", ["apart", "apart"], "square"),
        _step("ReduceMean", ["square"], "variance", **over),
        _step("Sqrt", ["variance"], "deviation"),
        _step("Constant", [], "least", value=least),
        _step("Max", ["deviation", "least"], "contrast"),
        _step("Div", ["apart", "contrast"], "crop"),
    ]


def _step(operator: str, inputs: list[str], result: str, **attributes: Any) -> onnx.NodeProto:
    own = [each if operator == "Cast" else _PREFIX + each for each in inputs]
    return helper.make_node(operator, own, [_PREFIX + result], name=_PREFIX + result, **attributes)


def _input_type(model: onnx.ModelProto) -> int:
    return int(model.graph.input[0].type.tensor_type.elem_type)
