"""Our speech network: a compact residual network over log-mel bands with attentive statistics pooling."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.perception.features import BANDS
from edge.training.models.blocks import Residual
from edge.vocabulary import LABELS


class AttentivePooling(nn.Module):
    """Mean and deviation over time, weighted by learnt attention (Okabe et al. 2018)."""

    def __init__(self, channels: int, hidden: int = 64) -> None:
        super().__init__()
        self.hidden = nn.Conv1d(channels, hidden, 1)
        self.score = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, t) -> (n, 2 c)."""
        weight = torch.softmax(self.score(torch.tanh(self.hidden(x))), dim=2)
        mean = (x * weight).sum(2)
        spread = (x.square() * weight).sum(2) - mean.square()
        return torch.cat([mean, spread.clamp(min=1e-5).sqrt()], 1)


class SpeechNet(nn.Module):
    """(n, 1, 64, frames) -> logits (n, 7); any number of frames."""

    def __init__(
        self,
        widths: tuple[int, ...] = (32, 64, 128),
        depths: tuple[int, ...] = (1, 2, 2),
        out: int = 160,
        inner: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__()
        first = widths[0]
        layers: list[nn.Module] = [nn.Conv2d(1, first, 5, 2, 2, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
        inputs = first
        for width, depth, between in zip(widths, depths, inner or widths, strict=True):
            for index in range(depth):
                layers.append(Residual(inputs, width, 2 if index == 0 and width != first else 1, between))
                inputs = width
        self.features = nn.Sequential(*layers)
        rows = BANDS // 2 ** len(widths)
        self.merge = nn.Conv2d(inputs, out, (rows, 1), bias=False)
        self.merge_norm = nn.BatchNorm2d(out)
        self.pool = AttentivePooling(out)
        self.dropout = nn.Dropout(0.4)
        self.emotions = nn.Linear(2 * out, len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits."""
        merged = functional.relu(self.merge_norm(self.merge(self.features(x)))).squeeze(2)
        logits: Tensor = self.emotions(self.dropout(self.pool(merged)))
        return logits


def speech_plain() -> SpeechNet:
    """0.9 M parameters."""
    return SpeechNet()


def speech_small() -> SpeechNet:
    """0.4 M parameters, for weak devices: as `speech_plain`, fewer channels inside the blocks."""
    return SpeechNet(inner=(16, 24, 32))


def speech_teacher() -> SpeechNet:
    """3.3 M parameters, `speech_plain` twice as wide: teaches, is not shipped."""
    return SpeechNet((64, 128, 256), out=256)


__all__ = ["AttentivePooling", "SpeechNet", "speech_plain", "speech_small", "speech_teacher"]
