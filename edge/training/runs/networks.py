"""Networks back from the checkpoints of runs: to judge them, or to let them teach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from edge.errors import DataError
from edge.training.recipes.checkpoint import read_checkpoint
from edge.training.recipes.network_teachers import NetworkTeachers
from edge.training.recipes.protocols import SPEAKERS, Protocol, read_protocol
from edge.training.recipes.row import NetworkRow
from edge.training.recipes.rows import find_network
from edge.training.runs.lab import Lab


def loaded(row: NetworkRow, weights: Mapping[str, Tensor]) -> nn.Module:
    """A row's network with weights, in evaluation mode.

    Raises DataError when they are of another network.
    """
    network = row.build()
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise DataError(f"{row.name} was another network when it was trained: {error}") from None
    return network.eval()


def trained_network(lab: Lab, row: NetworkRow, which: str = "best") -> nn.Module:
    """The row's network with the weights of its `best` or `last` checkpoint, which are averages, or with
    the `raw` ones of the last step.

    Raises DataError when it was not trained, or as another network.
    """
    state = read_checkpoint(lab.folder(row) / ("best.pt" if which == "best" else "last.pt"))
    return loaded(row, state["average" if which == "last" else "model"])


def open_teachers(
    row: NetworkRow, paths: Iterable[Path], device: torch.device, own: Protocol = SPEAKERS
) -> NetworkTeachers:
    """The networks of `best.pt` of runs, to teach a row by its `own` protocol.

    Raises DataError when one cannot be read, looks at something else than the row, or learnt from people that
    the row is validated with.
    """
    return NetworkTeachers([_teacher(row, path, own) for path in paths], device)


def _teacher(row: NetworkRow, path: Path, own: Protocol) -> nn.Module:
    state = read_checkpoint(path)
    if not {"row", "protocol", "model"} <= set(state):
        raise DataError(f"{path} is no best.pt of a run, or of an older version: train that row again")
    other, protocol = find_network(str(state["row"])), read_protocol(str(state["protocol"]))
    if other.sample().shape != row.sample().shape:
        raise DataError(f"{path} is of {other.name}, which does not see what {row.name} does")
    if not (protocol.usual_people if own.usual_people else protocol == own):
        raise DataError(
            f"{path} learnt, by the protocol {protocol.name}, from people that validate {row.name}"
        )
    return loaded(other, state["model"])


__all__ = ["loaded", "open_teachers", "trained_network"]
