"""Who looks down: at a phone, a book, their work. From above, such faces seem sad, or weakly angry.

A small network, trained on the answers of a face mesh (see `engines/head.json`), says how likely a
head is bowed. What its pose explains is then not told of a face; a smile or a clear anger is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.inference.onnx import OnnxEngine
from edge.inference.owner import EngineOwner
from edge.inference.registry import find_model
from edge.perception.attention import SHARED
from edge.perception.face_input import face_input
from edge.perception.pixels import Image
from edge.vocabulary import LABELS, Probabilities

__all__ = ["Bowed", "HeadModel", "Lowered", "may_come_of_pose"]

_UP_AGAIN: Final = 0.5
"""Share of the limit below which somebody who looked down looks up again."""
_AGAIN: Final = 0.15
"""Seconds for which an answer holds: heads are slower than pictures come."""

_SAD: Final = LABELS.index("sad")
_UNPLEASANT: Final = frozenset(LABELS.index(label) for label in ("angry", "disgust", "fear"))
_CLEAR: Final = 0.6
"""Probability from which on an unpleasant emotion is more than the pose."""


def may_come_of_pose(scores: Probabilities) -> bool:
    """Whether a bowed head alone explains what a face was judged as (7,): sad, or not clearly unpleasant."""
    likeliest = int(np.argmax(scores))
    return likeliest == _SAD or (likeliest in _UNPLEASANT and float(scores[likeliest]) < _CLEAR)


class Lowered(Protocol):
    """Says how likely it is that faces look down."""

    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Of grey crops (n, 48, 48): (n,), 0..1."""
        ...


class HeadModel(EngineOwner):
    """The network on ONNX Runtime."""

    @classmethod
    def open(cls, config: EnginesConfig) -> Self:
        """The model that comes with the package, checked against its card. Raises ModelError."""
        model = find_model("head", config=config, kind="head")
        return cls(OnnxEngine(model.path, name="head"))

    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Of grey crops (n, 48, 48): (n,), 0..1. Raises EngineError when ONNX Runtime fails."""
        return self._first_output(face_input(crops)).reshape(-1)


class Bowed:
    """Remembers which tracks look down, so that a face at the limit does not come and go.

    Time is passed in, in seconds.
    """

    def __init__(self, model: Lowered, limit: float) -> None:
        self._model = model
        self._limit = limit
        self._down: set[int] = set()
        self._asked: dict[int, float] = {}

    def look(self, crops: Mapping[int, Image], at: float) -> frozenset[int]:
        """Which of the tracks look down, by their grey crops (48, 48)."""
        again = _AGAIN * max(1.0, len(crops) / SHARED)
        due = [track for track in crops if not 0.0 <= at - self._asked.get(track, -again) < again]
        if due:
            likely = self._model.probabilities(np.stack([crops[track] for track in due]))
            for track, value in zip(due, likely.tolist(), strict=True):
                limit = self._limit * (_UP_AGAIN if track in self._down else 1.0)
                (self._down.add if value >= limit else self._down.discard)(track)
            self._asked |= dict.fromkeys(due, at)
        return frozenset(self._down & crops.keys())

    def keep_only(self, tracks: Collection[int]) -> None:
        """Forget faces that are gone."""
        self._down.intersection_update(tracks)
        self._asked = {track: at for track, at in self._asked.items() if track in tracks}
