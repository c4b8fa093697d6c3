"""An INT8 model without its weights: they are taken from the float32 file that it was made from.

So a network that may be fetched but not handed on has a form in whole numbers all the same: what ships are
the ranges of its activations and its biases, a fifteenth of its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.inference.protobuf import GRAPH, INITIALIZER, read, write

__all__ = ["emptied", "filled"]

Floats = NDArray[np.float32]

_DIMS, _TYPE, _FLOATS, _NAME, _RAW = 1, 2, 4, 8, 9
_FLOAT32: Final = 1
_WHOLE, _SCALE = "_quantized", "_scale"
_LIMIT: Final = 64
"""Seven of eight bits, see `tensorrt.precision.to_int8`."""


def filled(hollow: bytes, source: bytes) -> bytes:
    """The model with its weights, rounded from those of `source`. Raises ValueError when they do not fit."""
    made = _made(hollow, source)

    def fill(tensor: bytes) -> bytes:
        fields = list(read(tensor))
        name = _name(tensor)
        if any(number in (_RAW, _FLOATS) for number, _, _ in fields) or name not in made:
            return tensor
        return write([*fields, (_RAW, 2, made[name])])

    return _with_weights(hollow, fill)


def emptied(model: bytes, source: bytes) -> bytes:
    """The model without the weights that `filled` makes of `source` to the last bit."""
    made = _made(model, source)

    def empty(tensor: bytes) -> bytes:
        same = (_RAW, 2, made.get(_name(tensor), b""))
        return write(field for field in read(tensor) if field != same)

    return _with_weights(model, empty)


def _made(model: bytes, source: bytes) -> dict[str, bytes]:
    """Name in the INT8 model → content, of every weight that comes of one in `source`."""
    floats, scales = _floats(source), _floats(model)
    return {name: content for name in _names(model) if (content := _content(name, floats, scales))}


def _content(name: str, floats: Mapping[str, Floats], scales: Mapping[str, Floats]) -> bytes:
    if name in floats:
        return floats[name].tobytes()
    base = name.removesuffix(_WHOLE)
    weights, scale = floats.get(base), scales.get(base + _SCALE)
    if base == name or weights is None or scale is None or scale.size not in (1, len(weights)):
        return b""
    divided = weights / scale.reshape(-1, *([1] * (weights.ndim - 1)))
    return np.clip(np.round(divided), -_LIMIT, _LIMIT).astype(np.int8).tobytes()


def _floats(model: bytes) -> dict[str, Floats]:
    """The float32 weights that a model carries, by name."""
    found: dict[str, Floats] = {}
    for tensor in _tensors(model):
        fields = list(read(tensor))
        content = next((data for number, _, data in fields if number in (_RAW, _FLOATS)), b"")
        if content and _number(fields, _TYPE) == _FLOAT32:
            sizes = [_varint(data) for number, _, data in fields if number == _DIMS]
            found[_name(tensor)] = np.frombuffer(content, "<f4").reshape(sizes)
    return found


def _names(model: bytes) -> list[str]:
    return [_name(tensor) for tensor in _tensors(model)]


def _tensors(model: bytes) -> list[bytes]:
    graphs = [data for number, _, data in read(model) if number == GRAPH]
    return [data for graph in graphs for number, _, data in read(graph) if number == INITIALIZER]


def _with_weights(model: bytes, change: Callable[[bytes], bytes]) -> bytes:
    def changed(graph: bytes) -> bytes:
        return write((n, w, change(data) if n == INITIALIZER else data) for n, w, data in read(graph))

    return write((n, w, changed(data) if n == GRAPH else data) for n, w, data in read(model))


def _name(tensor: bytes) -> str:
    return next((data for n, _, data in read(tensor) if n == _NAME), b"").decode(errors="replace")


def _number(fields: list[tuple[int, int, bytes]], wanted: int) -> int:
    return next((_varint(data) for number, _, data in fields if number == wanted), 0)


def _varint(data: bytes) -> int:
    """Of a field's bytes; ONNX writes sizes one by one."""
    return sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(data))
