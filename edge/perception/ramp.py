"""The straight line between barely acceptable and good, which all qualities are made of."""

from __future__ import annotations

__all__ = ["ramp"]


def ramp(value: float, worst: float, good: float, floor: float) -> float:
    """1 at `good` and beyond, `floor` at `worst`, linear between; `worst` may lie above `good`."""
    if worst == good:
        return 1.0
    return floor + (1 - floor) * min(1.0, max(0.0, (value - worst) / (good - worst)))
