"""The JSON schemas of all payloads, as shipped with the package."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

NAMES: Final = (
    "state",
    "event",
    "face",
    "speech",
    "health",
    "info",
    "availability",
    "switch",
    "request",
    "response",
)


def load(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of payload; texts such as `online` are checked as strings."""
    text = (resources.files("edge.publish") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
