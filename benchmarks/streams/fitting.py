"""How readings become moods, fitted on labelled streams: one key after another, the best of a few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from edge.config import Config
from edge.vocabulary import LABELS

__all__ = ["FALSE_MOOD", "fitted", "worth"]

FALSE_MOOD: Final = 0.02
"""Share of right moods in time that one false mood an hour is worth."""

_VALUES: Final[Mapping[str, tuple[float, ...]]] = {
    "face_neutral": (0.14, 0.2, 0.3, 0.4, 0.5),
    "newcomer_neutral": (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85),
    "half_life": (0.3, 0.4, 0.5, 0.6),
    "dwell": (0.6, 0.8, 1.0),
    **{label: (0.4, 0.45, 0.5, 0.55, 0.6) for label in LABELS if label != "neutral"},
}


def worth(figures: Mapping[str, Any]) -> float:
    """Mean share of the emotions that became the mood within 3 s, in somebody who was there or who came
    with them, less the false moods of a neutral room."""
    shares = [
        float(one["within_3_s"])
        for scene in ("emotions", "arriving")
        for label, one in figures[scene].items()
        if label != "all"
    ]
    return sum(shares) / len(shares) - FALSE_MOOD * float(figures["neutral_room"]["an_hour"])


def fitted(config: Config, judge: Callable[[Config], float]) -> Config:
    """The configuration that `judge` finds best; what brings nothing stays as it is."""
    best, most = config, judge(config)
    for key, values in _VALUES.items():
        for other in _with(best, key, values):
            value = judge(other)
            if value > most + 1e-9:
                best, most = other, value
    return best


def _with(config: Config, key: str, values: tuple[float, ...]) -> Iterator[Config]:
    for value in values:
        fusion = config.fusion.model_dump(exclude_none=True)
        smoothing = config.smoothing.model_dump(exclude_none=True)
        if key in LABELS:
            smoothing["thresholds"] = {**smoothing["thresholds"], key: {"enter": value}}
        elif key in fusion:
            fusion[key] = value
        else:
            smoothing[key] = value
        sections = {"fusion": fusion, "smoothing": smoothing}
        yield Config.model_validate({**config.model_dump(exclude_unset=True), **sections})
