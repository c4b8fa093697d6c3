"""How readings become moods, fitted on labelled streams: step by step the one change that is worth most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from edge.config import Config
from edge.vocabulary import LABELS

__all__ = ["FALSE_MOOD", "FITTED_ON", "fitted", "worth"]

FALSE_MOOD: Final = 0.02
"""Share of right moods in time that one false mood an hour is worth."""
_SHOWN: Final = ("emotions", "arriving")
FITTED_ON: Final = (*_SHOWN, "neutral_room")
_LEAST: Final = 0.002
"""What a change must be worth: less is chance."""
_STEPS: Final = 20
_EMOTIONS: Final = tuple(label for label in LABELS if label != "neutral")
_SHARES: Final = (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97)

_FUSION: Final[Mapping[str, tuple[float, ...]]] = {
    "face_neutral": (0.14, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5),
    "newcomer_neutral": (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97),
}
_SMOOTHING: Final[Mapping[str, tuple[float, ...]]] = {
    "half_life": (0.3, 0.4, 0.5, 0.6),
    "dwell": (0.6, 0.8, 1.0),
}
_ENTER: Final = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65)


def worth(figures: Mapping[str, Any]) -> float:
    """Mean share of the emotions that became the mood within 3 s, in somebody who was there or who came
    with them, less the false moods of a neutral room."""
    shares = [
        float(one["within_3_s"])
        for scene in _SHOWN
        for label, one in figures[scene].items()
        if label != "all"
    ]
    return sum(shares) / len(shares) - FALSE_MOOD * float(figures["neutral_room"]["an_hour"])


def fitted(config: Config, judge: Callable[[Sequence[Config]], Sequence[float]]) -> Config:
    """The configuration that `judge`, asked for many at once, finds best; what brings nothing stays."""
    best, most = config, judge([config])[0]
    for _ in range(_STEPS):
        others = list(_neighbours(best))
        values = judge(others)
        value = max(values)
        if value < most + _LEAST:
            return best
        best, most = others[list(values).index(value)], value
    return best


def _neighbours(config: Config) -> Iterator[Config]:
    """Every configuration that differs in one value."""
    fusion, smoothing = config.fusion, config.smoothing
    for key, values in _FUSION.items():
        for value in values:
            yield _with(config, fusion={key: value})
    for key, values in _SMOOTHING.items():
        for value in values:
            yield _with(config, smoothing={key: value})
    for label in _EMOTIONS:
        for value in _SHARES:
            yield _with(config, fusion={"newcomer_emotions": {**fusion.newcomer_emotions, label: value}})
        for value in _ENTER:
            own = {key: one.model_dump(exclude_none=True) for key, one in smoothing.thresholds.items()}
            limits = {"enter": value, "exit": min(value, smoothing.exit)}
            yield _with(config, smoothing={"thresholds": {**own, label: limits}})


def _with(config: Config, **changes: Mapping[str, Any]) -> Config:
    """The configuration with other values in its sections."""
    sections = {
        name: {**getattr(config, name).model_dump(exclude_none=True), **values}
        for name, values in changes.items()
    }
    return Config.model_validate({**config.model_dump(exclude_unset=True), **sections})
