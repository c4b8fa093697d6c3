"""Our face networks: residual, gated, globally pooled, on the inner 44x44 of a 48x48 crop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from torch import Tensor, nn

from edge.perception.face_input import FACE_SIZE
from edge.training.models.blocks import Residual
from edge.vocabulary import LABELS

INNER: Final = 44
VOTES: Final = 10
"""FER+ classes of the auxiliary head."""


class TwoHeaded(nn.Module, ABC):
    """A network with a head for emotions and one for FER+'s votes, which helps training only."""

    emotions: nn.Linear
    votes: nn.Linear

    @abstractmethod
    def embed(self, x: Tensor) -> Tensor:
        """What both heads see, (n, features), of a batch (n, 1, h, w)."""

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the emotions (n, 7) and of the votes (n, 10)."""
        embedded = self.embed(x)
        return self.emotions(embedded), self.votes(embedded)

    def forward(self, x: Tensor) -> Tensor:
        """Emotion logits (n, 7)."""
        logits: Tensor = self.emotions(self.embed(x))
        return logits


class FaceNet(TwoHeaded):
    """Widths double as maps halve, by `stride` in the first stage; the votes head helps training only and is
    dropped on export."""

    def __init__(
        self,
        stem: int = 32,
        widths: tuple[int, ...] = (64, 128, 256),
        inner: tuple[int, ...] = (64, 128, 208),
        *,
        depth: int = 2,
        stride: int = 2,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU()]
        inputs = stem
        for stage, (width, between) in enumerate(zip(widths, inner, strict=True)):
            layers.append(Residual(inputs, width, 2 if stage else stride, between))
            layers.extend(Residual(width, width, 1, between) for _ in range(depth - 1))
            inputs = width
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.emotions = nn.Linear(inputs, len(LABELS))
        self.votes = nn.Linear(inputs, VOTES)

    def embed(self, x: Tensor) -> Tensor:
        """Pooled features (n, widths[-1]) of a batch (n, 1, h, w) of any size."""
        pooled: Tensor = self.dropout(self.features(x).mean((2, 3)))
        return pooled


class FaceClassifier(nn.Module):
    """What is exported: whole crops (n, 1, 48, 48) in, emotion logits (n, 7) out."""

    def __init__(self, network: nn.Module, inner: int = INNER) -> None:
        super().__init__()
        self.network = network
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """The border around the inner square is left out, as in training."""
        start, end = (FACE_SIZE - self.inner) // 2, (FACE_SIZE + self.inner) // 2
        logits: Tensor = self.network(x[:, :, start:end, start:end])
        return logits


def face_ours() -> FaceNet:
    """2.4 M parameters: below 10 MB in float32."""
    return FaceNet()


def face_small() -> FaceNet:
    """0.8 M parameters, for weak devices: as `face_ours`, a third of the channels inside the blocks."""
    return FaceNet(inner=(24, 40, 56))


def face_teacher() -> FaceNet:
    """11 M parameters in the shape of ResNet-18 (He et al. 2016): teaches, is not shipped."""
    widths = (64, 128, 256, 512)
    return FaceNet(64, widths, widths, stride=1, dropout=0.3)


def face_teacher_wide() -> FaceNet:
    """17 M parameters, `face_ours` twice as wide and half as deep again: teaches, is not shipped."""
    widths = (128, 256, 512)
    return FaceNet(64, widths, widths, depth=3, dropout=0.3)


__all__ = [
    "INNER",
    "VOTES",
    "FaceClassifier",
    "FaceNet",
    "TwoHeaded",
    "face_ours",
    "face_small",
    "face_teacher",
    "face_teacher_wide",
]
