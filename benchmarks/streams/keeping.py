"""Readings of streams in a file, so that moods can be tried on them again without the models."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from benchmarks.streams.reading import Readings
from edge.errors import DataError

__all__ = ["keep", "kept"]

_FIELDS = ("at", "visit", "scores", "bowed", "mouth")


def keep(path: Path, made_of: Mapping[str, Any], read: Mapping[str, Readings]) -> None:
    """Write the readings of every scene, and what they were made of."""
    arrays = {f"{name}/{field}": getattr(one, field) for name, one in read.items() for field in _FIELDS}
    with path.open("wb") as file:
        np.savez_compressed(file, made_of=json.dumps(made_of, sort_keys=True), **arrays)


def kept(path: Path, made_of: Mapping[str, Any]) -> dict[str, Readings] | None:
    """The readings of every scene; None where there is no such file.

    Raises DataError for readings of something else.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            before = json.loads(str(file["made_of"]))
            names = {key.split("/")[0] for key in file.files} - {"made_of"}
            found = {name: Readings(*(file[f"{name}/{field}"] for field in _FIELDS)) for name in names}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(f"{path} has no readings ({error}); name another file, or delete it") from error
    differs = [key for key in made_of if before.get(key) != made_of[key]]
    if differs:
        was = ", ".join(f"{key} {before.get(key)}" for key in differs)
        raise DataError(f"{path} has readings of something else ({was}); name another file, or delete it")
    return found
