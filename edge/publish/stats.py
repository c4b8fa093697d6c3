"""Counts and latencies of a run, for the summary, health and `bench`."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import Final

import numpy as np

__all__ = ["BUCKETS", "Histogram", "Latencies", "RunStats"]

_KEPT = 20_000
BUCKETS: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
"""Upper bounds of the latency histogram in seconds."""


class Histogram:
    """Counts by size. One thread adds; any may take a snapshot."""

    def __init__(self, bounds: Sequence[float] = BUCKETS) -> None:
        self._bounds = (*bounds, inf)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Take one value; it belongs to the first bucket whose bound it does not exceed."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def snapshot(self) -> tuple[list[tuple[float, int]], float]:
        """Bounds with the values up to them (cumulative, the last bound is infinity), and the sum."""
        counts = accumulate(list(self._counts))
        return list(zip(self._bounds, counts, strict=True)), self._sum


class Latencies:
    """The newest latencies (s); percentiles in milliseconds; all of them in a histogram."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._ring = np.full(kept, np.nan, np.float32)  # written to at once: it must not grow later
        self._taken = 0
        self.histogram = Histogram()

    def add(self, seconds: float) -> None:
        """Take one latency."""
        self._ring[self._taken % len(self._ring)] = seconds
        self._taken += 1
        self.histogram.add(seconds)

    def __len__(self) -> int:
        return min(self._taken, len(self._ring))

    def percentile(self, share: float) -> float | None:
        """Milliseconds, or None when nothing was measured."""
        if not self._taken:
            return None
        return round(float(np.percentile(self._ring[: len(self)], share)) * 1000, 2)

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
