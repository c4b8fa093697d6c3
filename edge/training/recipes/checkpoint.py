"""Checkpoints of runs as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from edge.errors import DataError


def write_best(
    folder: Path,
    model: nn.Module,
    score: float,
    *,
    row: str,
    protocol: str = "speaker",
    because: str = "",
    blended: float = 0.0,
    averaged: Sequence[Mapping[str, str | float]] = (),
    other_minutes: float = 0.0,
) -> None:
    """`best.pt` of a run: a model of a row that was judged, its score, why it if others scored higher.

    `blended` is the run's share in weights that were blended with those of its engine, `averaged` the
    checkpoints and shares that weights are the mean of, with the minutes of other runs behind them.
    """
    state = {
        "row": row,
        "protocol": protocol,
        "model": model.state_dict(),
        "score": score,
        "because": because,
        "blended": blended,
        "averaged": [dict(each) for each in averaged],
        "other_minutes": other_minutes,
    }
    write_checkpoint(folder / "best.pt", state)


def read_best(folder: Path) -> float:
    """The score of a run's `best.pt`. Raises DataError when there is none."""
    return float(read_checkpoint(folder / "best.pt")["score"])


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint written by a run.

    Raises DataError when it is missing or damaged.
    """
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        raise DataError(f"no checkpoint {path}: train this row first") from None
    except Exception as error:
        raise DataError(f"checkpoint {path} cannot be read ({error}): remove it and train again") from error


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Whole or not at all: an interruption leaves the file before."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


__all__ = ["read_best", "read_checkpoint", "write_best", "write_checkpoint"]
