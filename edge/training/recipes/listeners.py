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
    """A network with its temperature; `knows` the training clips (n,) that it answers for.

    `share` is that of its answers in their targets, the recipe's when there is none.
    """

    network: nn.Module
    temperature: float
    knows: NDArray[np.bool_]
    share: float | None = None


class Listeners:
    """Several; for each clip the mean of those who know it, for other clips the labels stay."""

    def __init__(self, members: Sequence[Listener], device: torch.device) -> None:
        self._device = device
        self._members = [
            (
                folded(each.network).to(device, memory_format=torch.channels_last),  # type: ignore[call-overload]
                each.temperature,
                torch.from_numpy(each.knows),
                each.share,
            )
            for each in members
        ]

    @torch.no_grad()
    def __call__(
        self, plain: Tensor, rows: NDArray[np.int64], masks: Tensor, targets: Tensor, share: float
    ) -> Tensor:
        """Targets (n, 7) with a share of the answers to `plain` (n, 1, bands, frames), within `masks`.

        `share` is that of members who have none of their own.
        """
        total, shares, count = (torch.zeros(len(targets), width) for width in (targets.shape[1], 1, 1))
        inputs = plain.to(self._device).contiguous(memory_format=torch.channels_last)
        for network, temperature, knows, own in self._members:
            with autocast(self._device):
                logits = network(inputs).float().cpu()
            known = knows[torch.from_numpy(rows)].float()[:, None]
            weight = known * (share if own is None else own)
            total += weight * torch.softmax((logits / temperature).masked_fill(masks == 0, -torch.inf), 1)
            shares += weight
            count += known
        return (1 - shares / count.clamp(min=1)) * targets + total / count.clamp(min=1)


__all__ = ["Listener", "Listeners"]
