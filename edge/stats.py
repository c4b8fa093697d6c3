"""Counts and latencies of a run, for the summary, health and `bench`."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Latencies", "RunStats"]

_KEPT = 20_000


class Latencies:
    """The newest latencies (s); percentiles in milliseconds."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._values: deque[float] = deque(maxlen=kept)

    def add(self, seconds: float) -> None:
        """Take one latency."""
        self._values.append(seconds)

    def __len__(self) -> int:
        return len(self._values)

    def percentile(self, share: float) -> float | None:
        """Milliseconds, or None when nothing was measured."""
        if not self._values:
            return None
        return round(float(np.percentile(np.asarray(self._values), share)) * 1000, 2)

    def summary(self) -> dict[str, float | None]:
        """p50 and p99 in milliseconds."""
        return {"p50": self.percentile(50), "p99": self.percentile(99)}


@dataclass(slots=True)
class RunStats:
    """What one run of the daemon saw and did."""

    started: float
    frames: int = 0
    faces: int = 0
    speech_windows: int = 0
    moods: Counter[str] = field(default_factory=Counter)
    latency: Latencies = field(default_factory=Latencies)

    def summary(self, now: float) -> dict[str, object]:
        """The last line of `make run`: `faces` counts the frames that showed one."""
        return {
            "duration_s": round(now - self.started, 2),
            "frames": self.frames,
            "faces": self.faces,
            "speech_windows": self.speech_windows,
            "moods": dict(self.moods),
            "latency_ms": self.latency.summary(),
        }
