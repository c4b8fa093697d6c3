"""Just enough of protobuf's wire format to change the head of an ONNX file in place.

A message is a list of fields, each a number and its bytes; what is not touched is written back
unchanged. Source: https://protobuf.dev/programming-guides/encoding/ and onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__all__ = ["GRAPH", "Field", "free_sizes", "output_names", "read", "write"]

Field = tuple[int, int, bytes]
"""Number, wire type (0 varint, 1 fixed 64, 2 length-delimited, 5 fixed 32), payload."""

GRAPH: Final = 7
INPUT, OUTPUT, INITIALIZER = 11, 12, 5
_FIXED: Final = {1: 8, 5: 4}


def free_sizes(model: bytes) -> bytes:
    """The ONNX model with free batch, height and width, and no weights among its inputs.

    For fully convolutional networks whose file declares one fixed size. Weights listed as inputs could
    be replaced by a caller, so runtimes do not fold them. Raises ValueError when `model` is damaged.
    """
    return write((n, w, _free_graph(data) if n == GRAPH else data) for n, w, data in read(model))


def output_names(model: bytes) -> set[str]:
    """Names of the outputs of an ONNX model. Raises ValueError when `model` is damaged or none."""
    graphs = [data for number, wire, data in read(model) if number == GRAPH and wire == 2]
    names = {_name(data, 1).decode(errors="replace") for g in graphs for n, _, data in read(g) if n == OUTPUT}
    if not names:
        raise ValueError("it has no outputs")
    return names


def _free_graph(graph: bytes) -> bytes:
    fields = list(read(graph))
    weights = {_name(data, 8) for number, _, data in fields if number == INITIALIZER}
    kept = (field for field in fields if field[0] != INPUT or _name(field[2], 1) not in weights)
    return write((n, w, _free_value(data, n) if n in (INPUT, OUTPUT) else data) for n, w, data in kept)


def _free_value(value: bytes, number: int) -> bytes:
    names = ("n", None, "height", "width") if number == INPUT else ("n", None, "rows", "columns")
    dimensions = iter(names)

    def dimension(data: bytes) -> bytes:
        name = next(dimensions, None)
        return write([(2, 2, name.encode())]) if name else data

    def edit(data: bytes, path: tuple[int, ...]) -> bytes:
        if not path:
            return dimension(data)
        return write((n, w, edit(d, path[1:]) if n == path[0] else d) for n, w, d in read(data))

    return edit(value, (2, 1, 2, 1))


def _name(message: bytes, number: int) -> bytes:
    return next((data for n, _, data in read(message) if n == number), b"")


def read(message: bytes) -> Iterator[Field]:
    """The fields of a message in order. Raises ValueError when it is cut off or not protobuf."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            _, end = _varint(message, at)
        elif wire == 2:
            length, at = _varint(message, at)
            end = at + length
        elif wire in _FIXED:
            end = at + _FIXED[wire]
        else:
            raise ValueError(f"wire type {wire} at byte {at}")
        if end > len(message):
            raise ValueError("message is cut off")
        yield number, wire, message[at:end]
        at = end


def write(fields: Iterator[Field] | list[Field]) -> bytes:
    """The message made of `fields`."""
    parts: list[bytes] = []
    for number, wire, data in fields:
        parts.append(_encode(number << 3 | wire))
        if wire == 2:
            parts.append(_encode(len(data)))
        parts.append(data)
    return b"".join(parts)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("number is cut off")


def _encode(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
