"""Finding in an ONNX graph what halves and bytes cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import onnx

__all__ = ["PRODUCTS", "attention", "join_floats", "keeps_float32", "preparation"]

PRODUCTS: Final = ["Conv", "Gemm", "MatMul"]
_UINT8: Final = 2
"""`onnx.TensorProto.UINT8`, without the package."""
_AROUND_SOFTMAX = [
    *PRODUCTS,
    "Mul",
    "Div",
    "Add",
    "Sub",
    "Where",
    "Cast",
    "ReduceSum",
    "Clip",
    "Max",
    "Sqrt",
]
_AROUND_SOFTMAX += ["Transpose", "Reshape", "Squeeze", "Unsqueeze"]


def attention(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """Every softmax with the nodes around it, out to the next product; gives unnamed nodes a name."""
    producers = {name: node for node in model.graph.node for name in node.output}
    consumers: dict[str, list[onnx.NodeProto]] = {}
    for index, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{index}"
        for name in node.input:
            consumers.setdefault(name, []).append(node)

    def before(node: onnx.NodeProto) -> list[onnx.NodeProto]:
        return [producers[name] for name in node.input if name in producers]

    def after(node: onnx.NodeProto) -> list[onnx.NodeProto]:
        return [consumer for name in node.output for consumer in consumers.get(name, [])]

    found: dict[str, onnx.NodeProto] = {}
    for node in model.graph.node:
        if node.op_type == "Softmax":
            reached = [node, *_reach(before(node), before), *_reach(after(node), after)]
            found |= {each.name: each for each in reached}
    return list(found.values())


def keeps_float32(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """Attention without its products, what prepares bytes, and every square: 256 squared is no half."""
    squares = [n for n in model.graph.node if n.op_type == "Mul" and n.input[0] == n.input[1]]
    around = [node for node in attention(model) if node.op_type not in PRODUCTS]
    return [*around, *preparation(model), *squares]


def preparation(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The nodes between an input of bytes and the first products, in order; they have names."""
    reached = {i.name for i in model.graph.input if i.type.tensor_type.elem_type == _UINT8}
    found: list[onnx.NodeProto] = []
    for index, node in enumerate(model.graph.node):
        if node.op_type not in PRODUCTS and reached & set(node.input):
            node.name = node.name or f"{node.op_type}_{index}"
            reached |= set(node.output)
            found.append(node)
    return found


def _reach(
    start: list[onnx.NodeProto], following: Callable[[onnx.NodeProto], list[onnx.NodeProto]]
) -> Iterator[onnx.NodeProto]:
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node.op_type not in _AROUND_SOFTMAX:
            continue
        yield node
        if node.op_type not in PRODUCTS:
            waiting += following(node)


def join_floats(model: onnx.ModelProto, left: Callable[[onnx.NodeProto], bool]) -> None:
    """Take out the casts to halves and back between neighbours that were `left` in float32."""
    producers = {name: node for node in model.graph.node for name in node.output}
    casts = {node.output[0]: node for node in model.graph.node if node.op_type == "Cast"}
    results = {output.name for output in model.graph.output}
    source = {}
    for name, node in casts.items():
        inner = casts.get(node.input[0])
        producer = producers.get(inner.input[0]) if inner is not None else None
        if inner is not None and producer is not None and left(producer) and name not in results:
            source[name] = inner.input[0]
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = source.get(name, name)
    _remove_unused(model, [*source, *(casts[name].input[0] for name in source)])


def _remove_unused(model: onnx.ModelProto, candidates: list[str]) -> None:
    results = {output.name for output in model.graph.output}
    for name in candidates:
        used = any(name in node.input for node in model.graph.node)
        if used or name in results:
            continue
        for node in [node for node in model.graph.node if name in node.output]:
            model.graph.node.remove(node)
