"""Smoothing fitted on readings of labelled streams: one key after the other, the best of a few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from edge.config import Config
from edge.vocabulary import LABELS

FALSE_MOOD: Final = 0.02
"""Share of right moods in time that one false mood an hour is worth."""

_VALUES: Final[Mapping[str, tuple[float, ...]]] = {
    "half_life": (0.4, 0.5, 0.6, 0.8),
    "dwell": (0.6, 0.8, 1.0),
    **{label: (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7) for label in LABELS if label != "neutral"},
}


def worth(emotions: Mapping[str, Mapping[str, Any]], neutral_room: Mapping[str, Any]) -> float:
    """Mean share of the emotions that became the mood within 3 s, less the false moods of a neutral room."""
    shares = [float(figures["within_3_s"]) for label, figures in emotions.items() if label != "all"]
    return sum(shares) / len(shares) - FALSE_MOOD * float(neutral_room["an_hour"])


def fitted(config: Config, judge: Callable[[Config], float]) -> Config:
    """The configuration with the smoothing that `judge` finds best; what brings nothing stays as it is."""
    best, most = config, judge(config)
    for key, values in _VALUES.items():
        for other in _with(best, key, values):
            value = judge(other)
            if value > most + 1e-9:
                best, most = other, value
    return best


def _with(config: Config, key: str, values: tuple[float, ...]) -> Iterator[Config]:
    for value in values:
        smoothing = config.smoothing.model_dump(exclude_none=True)
        if key in LABELS:
            smoothing["thresholds"] = {**smoothing["thresholds"], key: {"enter": value}}
        else:
            smoothing[key] = value
        yield Config.model_validate({**config.model_dump(exclude_unset=True), "smoothing": smoothing})


__all__ = ["FALSE_MOOD", "fitted", "worth"]
