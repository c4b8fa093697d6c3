"""What a row answered to its validation, kept for figures, fusion and report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.fitting import fit_temperature
from edge.vocabulary import softmax

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Readings:
    """Validation logits (n, 7) with labels (n,) and group names, and those the temperature is fitted on;

    `degraded` are logits of the same items made worse, for fusion: blurred, noisy pictures, speech at 5 dB.
    """

    logits: Array
    labels: NDArray[np.int64]
    groups: dict[str, NDArray[np.str_]]
    held_logits: Array
    held_labels: NDArray[np.int64]
    degraded: Array | None = None

    @property
    def temperature(self) -> float:
        """Fitted by likelihood on the held-out readings."""
        return fit_temperature(self.held_logits, self.held_labels)

    def probabilities(self) -> Array:
        """Calibrated, of the validation."""
        return softmax(self.logits / self.temperature)

    def half(self, which: int) -> Readings:
        """Every other validation reading, from the first (0) or the second (1)."""
        groups = {name: values[which::2] for name, values in self.groups.items()}
        worse = None if self.degraded is None else self.degraded[which::2]
        return replace(
            self, logits=self.logits[which::2], labels=self.labels[which::2], groups=groups, degraded=worse
        )

    def worse(self) -> Readings:
        """The same items degraded. Raises DataError when that was not judged."""
        if self.degraded is None:
            raise DataError("these readings lack the degraded ones: evaluate the row again")
        return replace(self, logits=self.degraded)

    def save(self, path: Path) -> None:
        """As `.npz`."""
        extra: dict[str, NDArray[Any]] = {f"group_{name}": values for name, values in self.groups.items()}
        if self.degraded is not None:
            extra["degraded"] = self.degraded
        np.savez_compressed(
            path,
            logits=self.logits,
            labels=self.labels,
            held_logits=self.held_logits,
            held_labels=self.held_labels,
            allow_pickle=False,
            **extra,
        )


def load_readings(path: Path) -> Readings:
    """Readings saved by `judge`. Raises DataError when they are missing."""
    if not path.is_file():
        raise DataError(f"no readings {path}: run `python -m edge.training evaluate` for this row first")
    with np.load(path) as file:
        groups = {name[6:]: file[name] for name in file.files if name.startswith("group_")}
        degraded = file["degraded"] if "degraded" in file.files else None
        held = file["held_logits"], file["held_labels"]
        return Readings(file["logits"], file["labels"], groups, *held, degraded)


__all__ = ["Array", "Readings", "load_readings"]
