"""What a row of the comparison is: a network that sees faces, one that hears speech, or a classical model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch
from torch import nn

from edge.training.data.fronts import OURS
from edge.training.recipes.face_task import FaceRecipe
from edge.training.recipes.speech_task import SpeechRecipe

Kind = Literal["face", "speech"]
Optimizers = Callable[[nn.Module], list[torch.optim.Optimizer]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Anything that is judged: its name (`face/ours`), title, and what its origin published of it."""

    name: str
    title: str
    published: str = ""

    kind: ClassVar[Kind]
    metric: ClassVar[str]
    """The validation score that chooses its checkpoint, as its log names it."""
    measure: ClassVar[str]
    """That score in words."""


@dataclass(frozen=True, kw_only=True)
class NetworkRow(Row, ABC):
    """A network to train: how it is built and optimised, and the epochs it wants by default.

    Of the weight averages of `decays` the better one counts; `power` is that of its rate's fall.
    """

    build: Callable[[], nn.Module]
    optimizers: Optimizers
    epochs: int = 60
    decays: tuple[float, ...] = (0.999,)
    power: float = 1.0

    figure: ClassVar[str]
    """The score among the figures of its validation."""

    @abstractmethod
    def sample(self) -> torch.Tensor:
        """One item of input, zeros."""


@dataclass(frozen=True, kw_only=True)
class FaceRow(NetworkRow):
    """A network that sees faces."""

    recipe: FaceRecipe = field(default_factory=FaceRecipe)

    kind: ClassVar[Kind] = "face"
    metric: ClassVar[str] = "accuracy"
    measure: ClassVar[str] = "accuracy"
    figure: ClassVar[str] = "accuracy"

    def sample(self) -> torch.Tensor:
        """A crop without its border, zeros."""
        return torch.zeros(1, 1, self.recipe.inner, self.recipe.inner)


@dataclass(frozen=True, kw_only=True)
class SpeechRow(NetworkRow):
    """A network that hears speech."""

    recipe: SpeechRecipe = field(default_factory=SpeechRecipe)

    kind: ClassVar[Kind] = "speech"
    metric: ClassVar[str] = "uar"
    measure: ClassVar[str] = "mean UAR"
    figure: ClassVar[str] = "mean_uar"

    def sample(self) -> torch.Tensor:
        """A window's spectrogram, zeros."""
        return torch.zeros(1, 1, self.recipe.front.bands, self.recipe.front.frames)

    @property
    def hears_as_the_daemon(self) -> bool:
        """Whether its features are those of the daemon."""
        return self.recipe.front == OURS


@dataclass(frozen=True, kw_only=True)
class ClassicalRow(Row):
    """A model of speech without layers, fitted at once."""

    kind: ClassVar[Kind] = "speech"
    metric: ClassVar[str] = "uar"
    measure: ClassVar[str] = "mean UAR"


__all__ = ["ClassicalRow", "FaceRow", "Kind", "NetworkRow", "Optimizers", "Row", "SpeechRow"]
