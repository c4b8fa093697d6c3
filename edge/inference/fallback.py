"""An engine that goes on when its accelerator does not: ONNX Runtime on the CPU from the first failure."""

from __future__ import annotations

import logging
from collections.abc import Callable

from edge.errors import EngineError
from edge.inference.engine import Batch, Engine, Tensor
from edge.inference.owner import EngineProxy

__all__ = ["FallbackEngine"]

_log = logging.getLogger(__name__)


def _warn(name: str, reason: str) -> None:
    _log.warning("model %s goes on with ONNX Runtime on the CPU: %s", name, reason)


class FallbackEngine(EngineProxy):
    """Calls `first` until it fails, closes it, then calls what `open_second` gives, for good.

    `report` hears the model's name and the reason, once. The batch that failed is repeated, so no
    reading is lost. Owns both engines. Raises EngineError when the second engine fails as well.
    """

    def __init__(
        self,
        first: Engine,
        open_second: Callable[[], Engine],
        *,
        report: Callable[[str, str], None] = _warn,
    ) -> None:
        super().__init__(first)
        self._open_second: Callable[[], Engine] | None = open_second
        self._report = report
        self._closed = False

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        """All outputs of whichever engine works."""
        if self._open_second is None or self._closed:
            return self._engine.infer(batch)
        try:
            return self._engine.infer(batch)
        except EngineError as error:
            reason = str(error)  # the error itself would keep parts of the engine alive while it is closed
        self._switch(self._open_second, reason)
        return self._engine.infer(batch)

    def close(self) -> None:
        """Release the engine in use; further calls do nothing."""
        self._closed = True
        self._engine.close()

    def _switch(self, open_second: Callable[[], Engine], reason: str) -> None:
        first, self._open_second = self._engine, None
        self._engine = open_second()
        first.close()
        self._report(first.name, reason)
