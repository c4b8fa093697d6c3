"""Other weights of a run than those that scored highest."""

from __future__ import annotations

from torch import nn

from edge.errors import DataError
from edge.training.figures.judge import score
from edge.training.recipes.checkpoint import read_checkpoint
from edge.training.recipes.row import NetworkRow
from edge.training.runs.lab import Lab
from edge.training.runs.networks import loaded, trained_network
from edge.training.runs.record import record


def choose_last(lab: Lab, row: NetworkRow, because: str, decay: float | None = None) -> float:
    """Make the last weights the row's although others scored higher; returns their score.

    Of the averages the better one is taken, or that with the given decay. The figures kept are dropped: they
    are of those others. Raises DataError when the row was not trained, or has no such average.
    """
    network = trained_network(lab, row, "last") if decay is None else _average(lab, row, decay)
    found = score(lab, row, network)
    record(lab, row).replace_best(network, found, because=because)
    return found


def _average(lab: Lab, row: NetworkRow, decay: float) -> nn.Module:
    averages = read_checkpoint(lab.folder(row) / "last.pt")["averages"]
    if decay not in averages:
        raise DataError(f"{row.name} has no average of decay {decay}; decays: {sorted(averages)}")
    return loaded(row, averages[decay]["weights"])


__all__ = ["choose_last"]
