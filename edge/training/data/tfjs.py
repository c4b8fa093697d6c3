"""Weights of a model of TensorFlow.js (`NAME.json` with `NAME.bin` beside it), read as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import DataError


def tfjs_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """By name, as float32; half-precision ones widened.

    Raises DataError when the files cannot be read, or hold more or less than the manifest says.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))["weightsManifest"]
        found: dict[str, NDArray[np.float32]] = {}
        for group in manifest:
            content = b"".join((path.parent / name).read_bytes() for name in group["paths"])
            found |= _group(content, group["weights"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} cannot be read as a model of TensorFlow.js: {error}") from error
    return found


def _group(content: bytes, entries: list[dict[str, Any]]) -> dict[str, NDArray[np.float32]]:
    found, start = {}, 0
    for entry in entries:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        if kind not in (np.float16, np.float32, np.int32):
            raise ValueError(f"{entry['name']} is of the type {kind}")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        values = np.frombuffer(content, kind, count, start).reshape(entry["shape"])
        found[entry["name"]] = values.astype(np.float32)
        start += count * kind.itemsize
    if start != len(content):
        raise ValueError(f"{len(content)} bytes of weights, {start} expected")
    return found


__all__ = ["tfjs_weights"]
