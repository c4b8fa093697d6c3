"""Other weights of a run than those that scored highest."""

from __future__ import annotations

from torch import nn

from edge.errors import DataError
from edge.training.figures.judge import score
from edge.training.recipes.loop import read_checkpoint
from edge.training.recipes.rows import Row
from edge.training.runs.checkpoints import loaded
from edge.training.runs.lab import Lab


def choose_last(lab: Lab, row: Row, because: str, decay: float | None = None) -> float:
    """Make the last weights the row's although others scored higher; returns their score.

    Of the averages the better one is taken, or that with the given decay. The figures kept are dropped: they
    are of those others. Raises DataError when the row was not trained, or has no such average.
    """
    network = lab.trained(row, "last") if decay is None else _average(lab, row, decay)
    found = score(lab, row, network)
    lab.replace_best(row, network, found, because=because)
    return found


def _average(lab: Lab, row: Row, decay: float) -> nn.Module:
    averages = read_checkpoint(lab.folder(row) / "last.pt")["averages"]
    if decay not in averages:
        raise DataError(f"{row.name} has no average of decay {decay}; decays: {sorted(averages)}")
    return loaded(row, averages[decay]["weights"])
