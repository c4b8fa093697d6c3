"""Blocks shared by the compact networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Gate(nn.Module):
    """Squeeze-and-excitation (Hu et al. 2018): channels weighted by a look at the whole map."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, c, h, w)."""
        gate = self.excite(functional.relu(self.squeeze(x.mean((2, 3)))))
        return x * torch.sigmoid(gate)[:, :, None, None]


class Residual(nn.Module):
    """Two 3x3 convolutions, `inner` channels between, a gate and a shortcut; `stride` 2 halves the map."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, inner: int | None = None) -> None:
        super().__init__()
        between = inner or outputs
        self.first = nn.Conv2d(inputs, between, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(between)
        self.second = nn.Conv2d(between, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.gate = Gate(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""
        y = functional.relu(self.first_norm(self.first(x)))
        y = self.gate(self.second_norm(self.second(y)))
        return functional.relu(y + self.shortcut(x))


__all__ = ["Gate", "Residual"]
