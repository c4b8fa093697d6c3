"""The rows of the comparison: one architecture each, with its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import nn

from edge.errors import DataError
from edge.perception.face_input import FACE_SIZE
from edge.training.data.augment import FaceAugment
from edge.training.data.fronts import ORIGIN
from edge.training.models.face import face_ours, face_small, face_teacher, face_teacher_wide
from edge.training.models.origin import OriginFace, OriginSpeech, OriginSpeechLstm
from edge.training.models.speech import speech_ours, speech_small, speech_teacher
from edge.training.recipes.face_task import FaceRecipe
from edge.training.recipes.optimise import cnn_optimizers, speech_optimizers
from edge.training.recipes.speech_task import SpeechRecipe

Optimizers = Callable[[nn.Module], list[torch.optim.Optimizer]]


@dataclass(frozen=True)
class Row:
    """A network to train: how it is built, with which recipe, and the epochs it wants by default.

    Of the weight averages of `decays` the better one counts; `power` is that of its rate's fall.
    """

    name: str
    title: str
    kind: Literal["face", "speech"]
    build: Callable[[], nn.Module] | None
    optimizers: Optimizers
    epochs: int = 60
    face: FaceRecipe = field(default_factory=FaceRecipe)
    speech: SpeechRecipe = field(default_factory=SpeechRecipe)
    decays: tuple[float, ...] = (0.999,)
    power: float = 1.0
    published: str = ""

    @property
    def metric(self) -> str:
        """The validation score that chooses its checkpoint, as its log names it."""
        return "accuracy" if self.kind == "face" else "uar"

    def network(self) -> nn.Module:
        """A fresh network. Raises DataError for a row without one (MFCC)."""
        if self.build is None:
            raise DataError(f"{self.name} is a classical model without layers")
        return self.build()

    def sample(self) -> torch.Tensor:
        """One item of input, zeros."""
        if self.kind == "face":
            side = self.face.inner
            return torch.zeros(1, 1, side, side)
        return torch.zeros(1, 1, self.speech.front.bands, self.speech.front.frames)


def adam(model: nn.Module) -> list[torch.optim.Optimizer]:
    """AdamW at 1e-3 for networks with large dense layers."""
    return [torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=1e-3)]


_PLAIN = FaceRecipe(
    inner=FACE_SIZE,
    sizes=(FACE_SIZE,) * 3,
    votes=0.0,
    smoothing=0.0,
    mix=0.0,
    augment=FaceAugment(grainy=0.0, blur=0.0),
)
_ORIGIN = SpeechRecipe(
    batch=16,
    front=ORIGIN,
    varied=False,
    voices=False,
    mix=0.0,
    smoothing=0.0,
    tilt=0.0,
    warp=0.0,
    contrast=0.0,
    restyle=0.0,
)
_OURS = FaceRecipe(
    mix=0.25,
    distil=0.7,
    augment=FaceAugment(rotation=0.12, scale=0.1, shift=0.09, gamma=0.3, cutout=0.3, grainy=0.12, blur=0.12),
)
_SLOW = (0.999, 0.9997)
_SPEECH = (0.998, 0.9995)
_LIGHT = FaceRecipe(mix=0.0, distil=0.7, augment=FaceAugment(cutout=0.3))

_ALL = (
    Row(
        "face/ours",
        "Ours, 2.4 M",
        "face",
        face_ours,
        cnn_optimizers,
        face=_OURS,
        decays=_SLOW,
        power=2.0,
    ),
    Row(
        "face/small",
        "Ours, small",
        "face",
        face_small,
        cnn_optimizers,
        face=_LIGHT,
        decays=_SLOW,
        power=2.0,
    ),
    Row(
        "face/origin",
        "Origin face CNN, rows as channels",
        "face",
        OriginFace,
        adam,
        face=_PLAIN,
        published="61.27 %",
    ),
    Row(
        "face/origin-image",
        "Origin face CNN, picture as image",
        "face",
        lambda: OriginFace(as_image=True),
        adam,
        face=_PLAIN,
    ),
    Row(
        "face/teacher",
        "Teacher, not shipped",
        "face",
        face_teacher,
        cnn_optimizers,
        decays=_SLOW,
        power=2.0,
    ),
    Row(
        "face/teacher-wide",
        "Wide teacher, not shipped",
        "face",
        face_teacher_wide,
        cnn_optimizers,
        decays=_SLOW,
        power=2.0,
    ),
    Row("speech/ours", "Ours, 0.9 M", "speech", speech_ours, speech_optimizers, decays=_SPEECH),
    Row("speech/small", "Ours, small", "speech", speech_small, speech_optimizers, decays=_SPEECH),
    Row(
        "speech/teacher", "Teacher, not shipped", "speech", speech_teacher, speech_optimizers, decays=_SPEECH
    ),
    Row("speech/mfcc", "Model 1: MFCC statistics, SVM", "speech", None, adam, published="50.12 %"),
    Row("speech/cnn", "Model 2: CNN", "speech", OriginSpeech, adam, speech=_ORIGIN, published="72.46 %"),
    Row(
        "speech/cnn-lstm",
        "Model 3: CNN + LSTM",
        "speech",
        OriginSpeechLstm,
        adam,
        speech=_ORIGIN,
        published="74.49 %",
    ),
)
ROWS: dict[str, Row] = {row.name: row for row in _ALL}


SHIPPED = ("face/ours", "speech/ours", "face/small", "speech/small")
"""The rows that become engines."""


TEACHERS = ("face/teacher", "face/teacher-wide", "speech/teacher")
"""The rows that are too big to ship."""


def find_row(name: str) -> Row:
    """The row of that name. Raises DataError for an unknown one."""
    if name not in ROWS:
        raise DataError(f"no row '{name}'; rows: {', '.join(ROWS)}")
    return ROWS[name]
