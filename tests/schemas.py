"""The JSON schemas of the payloads, as shipped with the package."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

_FOLDER: Final = resources.files("edge.publish") / "schemas"
NAMES: Final = sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir())


def load(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of payload; texts such as `online` are checked as strings."""
    schema: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return schema
