"""Engines by name, and the INT8 ones made from them."""

from __future__ import annotations

import json
from pathlib import Path

from edge.training.recipes.row import Row


def int8_is_current(folder: Path, name: str) -> bool:
    """Whether the INT8 engine of that name was made from the float32 one that lies there."""
    try:
        base, made = (json.loads((folder / f"{name}{end}.json").read_bytes()) for end in ("", "-int8"))
        return bool(base["sha256"] == made["made_from"]["sha256"])
    except (OSError, ValueError, KeyError):
        return False


def remove_int8(folder: Path, name: str) -> None:
    """Take away the INT8 engine of that name."""
    for ending in (".onnx", ".json"):
        (folder / f"{name}-int8{ending}").unlink(missing_ok=True)


def engine_name(row: Row) -> str:
    """`face` for face/ours, `face-small` for face/small, and so on."""
    kind, variant = row.name.split("/")
    return kind if variant == "ours" else f"{kind}-{variant}"


__all__ = ["engine_name", "int8_is_current", "remove_int8"]
