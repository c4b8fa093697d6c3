"""What a training begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKPOINT: Final = ".pt"


@dataclass(frozen=True)
class Start:
    """An engine's weights, teachers, and the share of the row's peak rates; by default from scratch.

    A teacher is an engine (`.onnx`), asked once about every item, or a checkpoint (`.pt`), asked about every
    varied batch.
    """

    engine: Path | None = None
    teachers: tuple[Path, ...] = ()
    rate: float = 1.0

    def resolved(self) -> Start:
        """The same with absolute paths."""
        engine = self.engine.resolve() if self.engine else None
        return Start(engine, tuple(path.resolve() for path in self.teachers), self.rate)

    @property
    def engines(self) -> tuple[Path, ...]:
        """The teachers that are engines."""
        return tuple(path for path in self.teachers if path.suffix != CHECKPOINT)

    @property
    def checkpoints(self) -> tuple[Path, ...]:
        """The teachers that are checkpoints."""
        return tuple(path for path in self.teachers if path.suffix == CHECKPOINT)


__all__ = ["CHECKPOINT", "Start"]
