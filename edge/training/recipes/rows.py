"""The rows of the comparison: one architecture each, with its recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

import torch
from torch import nn

from edge.errors import DataError
from edge.perception.face_input import FACE_SIZE
from edge.training.data.cameras import Cameras
from edge.training.data.face_augment import FaceAugment
from edge.training.data.fronts import ORIGIN
from edge.training.models.ear import speech_ear, speech_ours
from edge.training.models.face import INNER, face_ours, face_small, face_teacher, face_teacher_wide
from edge.training.models.mobile_face import MobileFace, mobile_optimizers
from edge.training.models.origin import OriginFace, OriginSpeech, OriginSpeechLstm
from edge.training.models.speech import speech_plain, speech_small, speech_teacher
from edge.training.recipes.face_task import FaceRecipe
from edge.training.recipes.optimise import cnn_optimizers, speech_optimizers
from edge.training.recipes.row import ClassicalRow, FaceRow, NetworkRow, Row, SpeechRow
from edge.training.recipes.speech_task import SpeechRecipe

_Kind = TypeVar("_Kind", bound=Row)


def adam(model: nn.Module) -> list[torch.optim.Optimizer]:
    """AdamW at 1e-3 for networks with large dense layers."""
    return [torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=1e-3)]


_PLAIN: Final = FaceRecipe(
    inner=FACE_SIZE,
    sizes=(FACE_SIZE,) * 3,
    votes=0.0,
    smoothing=0.0,
    mix=0.0,
    augment=FaceAugment(grainy=0.0, blur=0.0),
)
_ORIGIN: Final = SpeechRecipe(
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
_OURS: Final = FaceRecipe(
    mix=0.2,
    votes=0.25,
    cut_out=0.4,
    engine_share=0.7,
    cameras=Cameras(),
    augment=FaceAugment(
        rotation=0.14,
        scale=0.12,
        shift=0.1,
        cutout=0.3,
        grainy=0.14,
        blur=0.15,
        nodding=0.35,
    ),
)
_HEARD: Final = SpeechRecipe(
    voices=False, channels=0.5, band_limits=0.45, noisy=0.35, engine_share=0.6, listening=True
)
_RECOGNISER: Final = replace(_OURS, batch=64, sizes=(INNER,), cut_out=0.5, engine_share=0.5)
_LIGHT: Final = FaceRecipe(mix=0.0, engine_share=0.7, augment=FaceAugment(cutout=0.3))
_SLOW: Final = (0.999, 0.9997)
_QUICK: Final = (0.998, 0.9995)
"""For trainings of some hundred to some thousand batches."""


_FACES: Final = (
    FaceRow(
        name="face/ours",
        title="Ours, 2.4 M",
        build=face_ours,
        optimizers=cnn_optimizers,
        recipe=_OURS,
        decays=_QUICK,
        power=2.0,
    ),
    FaceRow(
        name="face/small",
        title="Ours, small",
        build=face_small,
        optimizers=cnn_optimizers,
        recipe=_LIGHT,
        decays=_SLOW,
        power=2.0,
    ),
    FaceRow(
        name="face/origin",
        title="Origin face CNN, rows as channels",
        build=OriginFace,
        optimizers=adam,
        recipe=_PLAIN,
        published="61.27 %",
    ),
    FaceRow(
        name="face/origin-image",
        title="Origin face CNN, picture as image",
        build=lambda: OriginFace(as_image=True),
        optimizers=adam,
        recipe=_PLAIN,
    ),
    FaceRow(
        name="face/teacher",
        title="Teacher, not shipped",
        build=face_teacher,
        optimizers=cnn_optimizers,
        decays=_SLOW,
        power=2.0,
    ),
    FaceRow(
        name="face/teacher-wide",
        title="Wide teacher, not shipped",
        build=face_teacher_wide,
        optimizers=cnn_optimizers,
        decays=_SLOW,
        power=2.0,
    ),
    FaceRow(
        name="face/recogniser",
        title="Teacher that began by telling people apart, not shipped",
        build=MobileFace,
        optimizers=mobile_optimizers,
        recipe=_RECOGNISER,
        decays=(0.995,),
        power=1.5,
    ),
)


_SPEECH_ROWS: Final = (
    *(
        SpeechRow(
            name=name,
            title=title,
            build=build,
            optimizers=speech_optimizers,
            recipe=_HEARD,
            decays=_QUICK,
        )
        for name, title, build in (
            ("speech/ours", "Ours, 3.5 M", speech_ours),
            ("speech/ear", "Its ear alone", speech_ear),
            ("speech/plain", "Without an ear, 0.9 M", speech_plain),
            ("speech/small", "Ours, small", speech_small),
            ("speech/teacher", "Teacher, not shipped", speech_teacher),
        )
    ),
    ClassicalRow(name="speech/mfcc", title="Model 1: MFCC statistics, SVM", published="50.12 %"),
    SpeechRow(
        name="speech/cnn",
        title="Model 2: CNN",
        build=OriginSpeech,
        optimizers=adam,
        recipe=_ORIGIN,
        published="72.46 %",
    ),
    SpeechRow(
        name="speech/cnn-lstm",
        title="Model 3: CNN + LSTM",
        build=OriginSpeechLstm,
        optimizers=adam,
        recipe=_ORIGIN,
        published="74.49 %",
    ),
)
ROWS: dict[str, Row] = {row.name: row for row in (*_FACES, *_SPEECH_ROWS)}
SHIPPED: Final = ("face/ours", "speech/ours", "face/small", "speech/small")
"""The rows that become engines."""
TEACHERS: Final = ("face/teacher", "face/teacher-wide", "face/recogniser", "speech/teacher")
"""The rows that are too big to ship."""


def find_row(name: str) -> Row:
    """The row of that name. Raises DataError for an unknown one."""
    if name not in ROWS:
        raise DataError(f"no row '{name}'; rows: {', '.join(ROWS)}")
    return ROWS[name]


def find_network(name: str) -> NetworkRow:
    """The row of that name with a network. Raises DataError for an unknown or a classical one."""
    row = find_row(name)
    if isinstance(row, NetworkRow):
        return row
    raise DataError(f"{name} is a classical model without layers")


def find_face(name: str) -> FaceRow:
    """The row of that name that sees faces. Raises DataError when there is none."""
    return _of_type(name, FaceRow)


def find_speech(name: str) -> SpeechRow:
    """The row of that name with a network that hears speech. Raises DataError when there is none."""
    return _of_type(name, SpeechRow)


def _of_type(name: str, kind: type[_Kind]) -> _Kind:
    row = find_row(name)
    if isinstance(row, kind):
        return row
    raise DataError(f"{name} is not of the kind that is asked for")


__all__ = ["ROWS", "SHIPPED", "TEACHERS", "adam", "find_face", "find_network", "find_row", "find_speech"]
