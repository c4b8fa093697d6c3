"""Tables of a data set as CSV."""

from __future__ import annotations

import csv
from pathlib import Path

from edge.errors import DataError

__all__ = ["read_index"]


def read_index(path: Path, *needed: str) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8 with a head; cells that a short row lacks are empty.

    Raises DataError when it cannot be read, has no row, lacks a needed column, or a row lacks its cell.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = list(csv.DictReader(file, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}): it must be CSV in UTF-8") from error
    if not found or not set(needed) <= found[0].keys():
        raise DataError(f"{path} needs the columns {' and '.join(needed)}, and at least one row")
    rows = [{name: cell for name, cell in row.items() if isinstance(cell, str)} for row in found]
    for number, row in enumerate(rows, start=2):
        if empty := [name for name in needed if not row[name]]:
            raise DataError(f"{path} line {number} has no {' and '.join(empty)}: fetch the file again")
    return rows
