"""Engines that hear each stretch as it was before it was varied, and say what the pupil is to hear in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edge.training.models.folding import folded
from edge.training.recipes.device import autocast


@dataclass(frozen=True, eq=False)
class Listener:
    """A network with its temperature; `knows` the training clips (n,) of people it learnt from."""

    network: nn.Module
    temperature: float
    knows: NDArray[np.bool_]


class Listeners:
    """Several; for each clip the mean of those who know its speaker, for other clips the labels stay."""

    def __init__(self, members: Sequence[Listener], device: torch.device) -> None:
        self._device = device
        self._members = [
            (
                folded(each.network).to(device, memory_format=torch.channels_last),  # type: ignore[call-overload]
                each.temperature,
                torch.from_numpy(each.knows),
            )
            for each in members
        ]

    @torch.no_grad()
    def __call__(
        self, plain: Tensor, rows: NDArray[np.int64], masks: Tensor, targets: Tensor, share: float
    ) -> Tensor:
        """Targets (n, 7) with that share of the answers to `plain` (n, 1, bands, frames), within `masks`."""
        total, count = torch.zeros_like(targets), torch.zeros(len(targets), 1)
        inputs = plain.to(self._device).contiguous(memory_format=torch.channels_last)
        for network, temperature, knows in self._members:
            with autocast(self._device):
                logits = network(inputs).float().cpu()
            known = knows[torch.from_numpy(rows)].float()[:, None]
            total += known * torch.softmax((logits / temperature).masked_fill(masks == 0, -torch.inf), 1)
            count += known
        mean = total / count.clamp(min=1)
        return torch.lerp(targets, mean, share * (count > 0).float())


__all__ = ["Listener", "Listeners"]
