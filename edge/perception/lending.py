"""Engines that several detectors run on: each is opened once and closed at the end, by one thread."""

from __future__ import annotations

from collections.abc import Callable

from edge.inference.engine import Engine
from edge.inference.owner import EngineProxy

__all__ = ["Lender"]


class Lender:
    """Keeps engines open for detectors that come and go."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, tuple[int, int]], Engine] = {}

    def engine(self, name: str, size: tuple[int, int], make: Callable[[], Engine]) -> Engine:
        """An engine for pictures of this size; closing it closes nothing. ONNX Runtime takes every size."""
        for (known, fits), engine in self._engines.items():
            if known == name and (fits == size or engine.backend != "tensorrt"):
                return _Lent(engine)
        made = self._engines[(name, size)] = make()
        return _Lent(made)

    def close(self) -> None:
        """Close all of them; none may be used afterwards."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()


class _Lent(EngineProxy):
    """An engine that somebody else closes."""

    def close(self) -> None:
        """Nothing: the lender does."""
