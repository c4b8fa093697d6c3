"""JSON from outside, within limits of size and depth, so that no input ends in more than a ValueError."""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, Final

__all__ = ["parse_json", "read_json"]

_MOST_BYTES: Final = 1_048_576
_MOST_LEVELS: Final = 32


def parse_json(text: str | bytes, *, most_bytes: int = _MOST_BYTES, most_levels: int = _MOST_LEVELS) -> Any:
    """The value of a JSON text; ValueError says why there is none.

    Refused besides what is no JSON: more than `most_bytes` of it, more than `most_levels` lists and objects
    within each other, and numbers that are not finite, which JSON does not have.
    """
    if len(text) > most_bytes:
        raise ValueError(f"larger than {most_bytes} bytes")
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _levels(value, most_levels) > most_levels:
        raise ValueError("nested too deeply")
    return value


def read_json(path: Path, *, most_bytes: int = _MOST_BYTES) -> Any:
    """The value in a file; OSError when it cannot be read, ValueError when it is not what it should be."""
    # A pipe under the name of a file would otherwise be waited for without end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a file")
        return parse_json(file.read(most_bytes + 1), most_bytes=most_bytes)


def _levels(value: Any, most: int) -> int:
    """Depth of lists and objects, counted up to one more than `most`."""
    level, inside = 0, [value]
    while inside and level <= most:
        containers = [item for item in inside if isinstance(item, (list, dict))]
        level += bool(containers)
        inside = [one for item in containers for one in (item.values() if isinstance(item, dict) else item)]
    return level


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
