"""A classifier: an engine whose one output is the logits of the seven emotions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.errors import EngineError, ModelError
from edge.inference.auto import settled
from edge.inference.card import Card
from edge.inference.engine import Backend, Batch, Engine, Shape, Tensor
from edge.inference.onnx import check_finite
from edge.inference.open import open_model
from edge.inference.owner import EngineOwner
from edge.inference.registry import find_model
from edge.vocabulary import LABELS, softmax

__all__ = ["Classifier"]


class Classifier(EngineOwner):
    """Calibrated probabilities from a face or speech model."""

    def __init__(self, engine: Engine, card: Card) -> None:
        super().__init__(engine)
        self._card = card

    @classmethod
    def open(
        cls,
        kind: Literal["face", "speech"],
        *,
        config: EnginesConfig,
        name: str | None = None,
        item: Shape | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> Self:
        """The configured model of that kind (or `name`, a name or path), ready to use.

        `item` is the shape of one input as the caller makes it. Raises ModelError when there is no such
        model, or it was trained for another input; EngineError when its runtime cannot execute it.
        """
        config = settled(config, env, kinds=(kind,)) if name is None else config
        wanted = name or (config.face if kind == "face" else config.speech)
        model = find_model(wanted, config=config, kind=kind, env=env)
        if item is not None and not model.card.input.fits(item):
            raise ModelError(
                f"model {model.path} takes {_written(model.card.input.shape)}, this version makes "
                f"{_written(('n', *item))} of a {'face' if kind == 'face' else 'voice'}: train it again with "
                "this version, or use the version it came with"
            )
        return cls(open_model(model, config=config), model.card)

    @property
    def card(self) -> Card:
        """The model's card."""
        return self._card

    @property
    def backend(self) -> Backend:
        """Which runtime executes the model."""
        return self._engine.backend

    def logits(self, batch: Batch) -> Tensor:
        """Raw scores, float32 (n, 7). Raises EngineError on any other shape or a value not finite."""
        output = self._engine.infer(batch)[0]
        if output.shape != (len(batch), len(LABELS)):
            raise EngineError(f"model {self._card.name} gave {output.shape}, expected ({len(batch)}, 7)")
        check_finite(self._card.name, (output,))
        return output

    def probabilities(self, batch: Batch) -> NDArray[np.float64]:
        """Softmax of logits / temperature, float64 (n, 7), rows sum to one."""
        return softmax(self.logits(batch).astype(np.float64) / self._card.temperature)


def _written(shape: tuple[int | str | None, ...]) -> str:
    return f"({', '.join('n' if size is None else str(size) for size in shape)})"
