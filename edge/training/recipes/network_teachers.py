"""Networks that answer the very pictures their pupil sees, step by step (Beyer et al. 2022)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from edge.training.models.folding import folded
from edge.training.recipes.device import autocast


class NetworkTeachers:
    """Trained networks of one kind; they answer with the mean of their probabilities."""

    def __init__(self, networks: Iterable[nn.Module], device: torch.device) -> None:
        self._device = device
        self._networks = [
            folded(network).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            for network in networks
        ]

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """Probabilities (n, 7) for a batch (n, 1, h, w)."""
        with autocast(self._device):
            answers = [torch.softmax(network(x).float(), 1) for network in self._networks]
        return torch.stack(answers).mean(0)


__all__ = ["NetworkTeachers"]
