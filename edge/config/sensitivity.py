"""One number that moves all thresholds to enter a mood. Pure."""

from __future__ import annotations

from typing import Any, Final

from edge.config.fusion import SmoothingConfig, ThresholdConfig

__all__ = ["MIDDLE", "moved_thresholds"]

MIDDLE: Final = 50
"""The sensitivity at which the thresholds are the file's."""
_STEP: Final = 0.005
"""By how much a point of sensitivity moves the thresholds."""
_LEAST, _MOST = 0.15, 0.95
"""Moved thresholds stay above chance (1/7) and can be reached."""


def moved_thresholds(config: SmoothingConfig, sensitivity: int) -> dict[str, Any]:
    """What changes in the section, as it is written in a file; nothing at the middle."""
    if sensitivity == MIDDLE:
        return {}
    enter = _moved(config.enter, sensitivity)
    thresholds = {label: _single(one, sensitivity, enter) for label, one in config.thresholds.items()}
    return {"enter": enter, "exit": min(config.exit, enter), "thresholds": thresholds}


def _single(one: ThresholdConfig, sensitivity: int, enter: float) -> dict[str, Any]:
    own = None if one.enter is None else _moved(one.enter, sensitivity)
    leave = None if one.exit is None else min(one.exit, enter if own is None else own)
    found = {"enter": own, "exit": leave, "dwell": one.dwell}
    return {key: value for key, value in found.items() if value is not None}


def _moved(threshold: float, sensitivity: int) -> float:
    """Lower by what is above the middle; a threshold beyond the limits already is not moved towards them."""
    step = (sensitivity - MIDDLE) * _STEP
    least, most = min(threshold, _LEAST), max(threshold, _MOST)
    return round(max(least, min(threshold - step, most)), 4)
