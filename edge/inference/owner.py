"""What owns or stands for an engine: closed at the end of a `with` block, asked for what the engine says."""

from __future__ import annotations

import numpy as np

from edge.inference.closing import Closing
from edge.inference.engine import Backend, Batch, Engine, Tensor
from edge.inference.onnx import MAX_BATCH

__all__ = ["EngineOwner", "EngineProxy"]


class EngineOwner(Closing):
    """Has one engine and closes it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()

    def _first_output(self, items: Tensor) -> Tensor:
        """The model's first output for (n, …), in batches that it takes."""
        parts = [self._engine.infer(items[at : at + MAX_BATCH])[0] for at in range(0, len(items), MAX_BATCH)]
        return np.concatenate(parts)


class EngineProxy(EngineOwner):
    """An engine that hands everything to another one."""

    @property
    def name(self) -> str:
        """Name of the model, as in its card."""
        return self._engine.name

    @property
    def backend(self) -> Backend:
        """Which runtime executes it now."""
        return self._engine.backend

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        """All outputs of the model."""
        return self._engine.infer(batch)
