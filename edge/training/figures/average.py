"""The mean of the weights of several checkpoints of one row (model soups, Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from edge.errors import DataError
from edge.training.recipes.checkpoint import read_checkpoint
from edge.training.recipes.protocols import read_protocol
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.start import CHECKPOINT, Start
from edge.training.runs.lab import Lab
from edge.training.runs.listening import speech_statistics
from edge.training.runs.logs import minutes_of
from edge.training.runs.networks import loaded
from edge.training.runs.preparation import face_statistics, prepare, speech_items
from edge.training.runs.record import record

_CHUNK: Final = 64


@dataclass(frozen=True)
class Member:
    """A checkpoint (`best.pt` or `last.pt` of a run) and its weight among the others."""

    path: Path
    weight: float = 1.0

    @classmethod
    def read(cls, text: str) -> Member:
        """From `FILE` or `FILE=WEIGHT`. Raises DataError when the weight is no number above 0."""
        name, told, number = text.rpartition("=")
        if not told or not name.endswith(CHECKPOINT):
            return cls(Path(text))
        try:
            weight = float(number)
        except ValueError:
            raise DataError(f"the weight in {text} is no number: FILE=0.4") from None
        if not 0 < weight < float("inf"):
            raise DataError(f"the weight in {text} is not above 0")
        return cls(Path(name), weight)


def average(lab: Lab, row: NetworkRow, members: Sequence[Member], because: str = "") -> tuple[float, bool]:
    """The validation score of the members' mean, and whether it became the row's `best.pt`.

    It does if it scores higher than that, or `because` says why it is to. The batch norms are measured anew
    on training items as they are: the mean of networks has other activations than they have.

    Raises DataError when a member cannot be read, or is of another row or of people that validate this one.
    """
    plain = replace(lab, variants=0)
    task, network = prepare(plain, row, Start()), loaded(row, _mean(row, members))
    measure_norms(network, _items(plain, row))
    score, own = task.validate(network)[task.metric], record(lab, row)
    taken = bool(because) or score > own.best_score
    if taken:
        shares = _shares(members)
        said: list[dict[str, str | float]] = [
            {"checkpoint": f"{each.path.resolve().parent.name}/{each.path.name}", "share": share}
            for each, share in zip(members, shares, strict=True)
        ]
        others = {each.path.resolve().parent for each in members} - {own.folder.resolve()}
        minutes = sum(map(minutes_of, others))
        own.replace_best(network, score, because=because, averaged=said, other_minutes=minutes)
    return score, taken


def _shares(members: Sequence[Member]) -> list[float]:
    total = sum(each.weight for each in members)
    return [each.weight / total for each in members]


def _mean(row: NetworkRow, members: Sequence[Member]) -> dict[str, Tensor]:
    found = [_weights(row, each.path) for each in members]
    shares = _shares(members)
    return {
        name: sum((share * each[name] for share, each in zip(shares, found, strict=True)), torch.zeros(()))
        if first.dtype.is_floating_point
        else first
        for name, first in found[0].items()
    }


def _weights(row: NetworkRow, path: Path) -> dict[str, Tensor]:
    """The weight average of a checkpoint, where it has one."""
    state = read_checkpoint(path)
    weights = state.get("average", state.get("model"))
    if not isinstance(weights, dict):
        raise DataError(f"{path} is no checkpoint of a run")
    if "protocol" in state and not read_protocol(str(state["protocol"])).usual_people:
        raise DataError(
            f"{path} learnt, by the protocol {state['protocol']}, from people that validate {row.name}"
        )
    return dict(loaded(row, weights).state_dict())


@torch.no_grad()
def measure_norms(network: nn.Module, inputs: Tensor) -> None:
    """Batch norms take their mean and deviation from `inputs` (n, 1, h, w); back in evaluation mode."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    kept = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for part in torch.split(inputs, _CHUNK):
        network(part)
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum
    network.eval()


def _items(lab: Lab, row: NetworkRow) -> Tensor:
    if isinstance(row, FaceRow):
        return face_statistics(row, lab.faces())
    assert isinstance(row, SpeechRow)
    return speech_statistics(row, speech_items(lab, row))


__all__ = ["Member", "average", "measure_norms"]
