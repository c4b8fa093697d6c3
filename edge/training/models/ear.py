"""An ear: the first layers of Whisper's encoder (Radford et al. 2022), refitted to our own features."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.perception.features import BANDS, FRAMES
from edge.training.models.speech import SpeechNet, speech_plain
from edge.vocabulary import LABELS

WIDTH: Final = 384
_HEADS: Final = 6
_FURTHEST: Final = 5.0
"""Deviations from the mean beyond which a value says no more."""
_ALONE: Final = 0.25


class Block(nn.Module):
    """A block of a transformer that norms before attention and before the dense layers."""

    def __init__(self, width: int = WIDTH, heads: int = _HEADS) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.dense_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, width), the same shape."""
        normed = self.attention_norm(x)
        query, key, value = (self._split(layer(normed)) for layer in (self.query, self.key, self.value))
        attended = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        dense: Tensor = self.narrow(functional.gelu(self.widen(self.dense_norm(x))))
        return x + dense

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Ear(nn.Module):
    """(n, 1, 64, frames) -> tokens (n, frames / stride, width): two convolutions, places, one block."""

    def __init__(self, stride: int = 4, width: int = WIDTH, heads: int = _HEADS) -> None:
        super().__init__()
        self.stride = stride
        self.first = nn.Conv1d(BANDS, width, 3, padding=1)
        self.second = nn.Conv1d(width, width, stride + 1, stride, padding=(stride + 1) // 2)
        self.places = nn.Parameter(torch.zeros(-(-FRAMES // stride), width))
        self.block = Block(width, heads)

    def forward(self, x: Tensor) -> Tensor:
        """The tokens behind the block."""
        tokens: Tensor = self.block(self.placed(self.sounds(x)))
        return tokens

    def sounds(self, x: Tensor) -> Tensor:
        """What the convolutions hear, (n, tokens, width)."""
        heard = functional.gelu(self.second(functional.gelu(self.first(x.squeeze(1)))))
        return heard.transpose(1, 2)

    def placed(self, tokens: Tensor) -> Tensor:
        """Each token with its place in the window."""
        return tokens + self.places[: tokens.shape[1]]


class Heard(nn.Module):
    """(n, 1, 64, frames) -> logits (n, 7): one layer on mean and deviation of the tokens of a fixed ear.

    An ear that learns emotions with it forgets what strangers have in common with whom it knows.
    """

    def __init__(self, ear: Ear | None = None) -> None:
        super().__init__()
        self.ear = (ear or Ear()).requires_grad_(requires_grad=False)
        values = 2 * self.ear.second.out_channels
        self.middle: Tensor
        self.spread: Tensor
        self.register_buffer("middle", torch.zeros(values))
        self.register_buffer("spread", torch.ones(values))
        self.dropout = nn.Dropout(0.3)
        self.emotions = nn.Linear(values, len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits."""
        logits: Tensor = self.emotions(self.dropout(self.levelled(self.statistics(x))))
        return logits

    def levelled(self, statistics: Tensor) -> Tensor:
        """In deviations from those of the training's windows."""
        return ((statistics - self.middle) / self.spread).clamp(-_FURTHEST, _FURTHEST)

    def statistics(self, x: Tensor) -> Tensor:
        """Mean and deviation of the tokens, (n, 2 width)."""
        tokens = self.ear(x).float()
        mean = tokens.mean(1)
        spread = (tokens - mean[:, None]).square().mean(1)
        return torch.cat([mean, spread.clamp(min=1e-6).sqrt()], 1)

    @torch.no_grad()
    def settle(self, statistics: Tensor) -> None:
        """Level by the statistics (n, 2 width) of a training's windows."""
        self.middle.copy_(statistics.mean(0))
        self.spread.copy_(statistics.std(0) + 1e-3)


class EarNet(nn.Module):
    """(n, 1, 64, frames) -> logits (n, 7): between those of an ear and of a convolutional network.

    In training every fourth item is answered by one of both alone, and as many by the other, so that neither
    relies on its companion.
    """

    def __init__(self, heard: Heard, pictures: SpeechNet, share: float = 0.5) -> None:
        super().__init__()
        self.heard, self.pictures, self.share = heard, pictures, share

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits."""
        share: float | Tensor = self.share
        if self.training:
            alone = torch.rand(len(x), 1, device=x.device)
            share = torch.where(alone < _ALONE, 0.0, torch.where(alone > 1 - _ALONE, 1.0, self.share))
        pictured: Tensor = self.pictures(x)
        logits: Tensor = pictured + (self.heard(x) - pictured) * share
        return logits


def heard_part(network: nn.Module) -> Heard | None:
    """What has an ear in a network; None in one without."""
    if isinstance(network, EarNet):
        return network.heard
    return network if isinstance(network, Heard) else None


def speech_ear() -> Heard:
    """2.6 M parameters, of which 5 thousand learn emotions."""
    return Heard()


def speech_ours() -> EarNet:
    """3.5 M parameters: the ear beside `speech_plain`."""
    return EarNet(Heard(), speech_plain())


__all__ = ["WIDTH", "Block", "Ear", "EarNet", "Heard", "heard_part", "speech_ear", "speech_ours"]
