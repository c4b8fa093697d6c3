"""The log that a run keeps, one row an epoch."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def read_log(folder: Path) -> list[dict[str, float]]:
    """Of the run in a folder; empty without one."""
    path = folder / "log.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def write_log(folder: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """The whole log anew; what a row does not have is not a number."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names, restval=float("nan"))
        writer.writeheader()
        writer.writerows(rows)


def minutes_of(folder: Path) -> float:
    """Minutes of training that the log in a run's folder tells; 0 without one."""
    log = read_log(folder)
    return log[-1]["minutes"] if log else 0.0


__all__ = ["minutes_of", "read_log", "write_log"]
