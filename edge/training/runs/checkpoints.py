"""Networks back from the checkpoints of runs: to judge them, or to let them teach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from edge.errors import DataError
from edge.training.recipes.loop import read_checkpoint
from edge.training.protocols import speakers_apart
from edge.training.recipes.rows import Row, find_row
from edge.training.recipes.tutors import Tutors


def loaded(row: Row, weights: Mapping[str, Tensor]) -> nn.Module:
    """A row's network with weights, in evaluation mode.

    Raises DataError when they are of another network.
    """
    network = row.network()
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise DataError(f"{row.name} was another network when it was trained: {error}") from None
    return network.eval()


def open_tutors(row: Row, paths: Iterable[Path], device: torch.device) -> Tutors:
    """The networks of `best.pt` of runs, to teach a row.

    Raises DataError when one cannot be read, looks at something else than the row, or learnt from people that
    the row is validated with.
    """
    return Tutors([_tutor(row, path) for path in paths], device)


def _tutor(row: Row, path: Path) -> nn.Module:
    state = read_checkpoint(path)
    if not {"row", "protocol", "model"} <= set(state):
        raise DataError(f"{path} is no best.pt of a run, or of an older version: train that row again")
    other, protocol = find_row(str(state["row"])), str(state["protocol"])
    if other.sample().shape != row.sample().shape:
        raise DataError(f"{path} is of {other.name}, which does not see what {row.name} does")
    if not speakers_apart(protocol):
        raise DataError(f"{path} learnt, by the protocol {protocol}, from people that validate {row.name}")
    return loaded(other, state["model"])
