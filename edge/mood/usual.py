"""What faces and voices usually are: neutral; models learn where every emotion is frequent. Pure.

The probabilities of a model hold for as many emotions as it was shown. Where emotions are rarer, Bayes' rule
weighs neutral up by the ratio of its odds (Saerens, Latinne and Decaestecker, "Adjusting the outputs of a
classifier to new a priori probabilities", Neural Computation 14 (2002), 21-41). Some faces look sad, angry or
startled at rest. So a face that was never seen neutral must be clearer about its emotion than one that
changes; a smile is one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.fusion import FusionConfig
from edge.mood.pooling import FLOOR
from edge.mood.smoothing import LogFilter
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, Probabilities, Reading

__all__ = ["ALIKE", "HALF_LIFE", "LOOKED", "SEEN", "UsualFaces", "as_usual", "doubts", "usual_reading"]

ALIKE: Final = 1.0 / len(LABELS)
"""Share of neutral where every emotion is as frequent."""
_NEUTRAL: Final = LABELS.index("neutral")
HALF_LIFE: Final = 0.5
"""Of the steadied readings that say whether a visitor is neutral (s)."""
LOOKED: Final = 0.6
"""Seconds for which a face is looked at before it counts as seen neutral."""
SEEN: Final = 0.5
"""Steadied probability of neutral that says so."""


def as_usual(probabilities: Probabilities, neutral: float) -> Probabilities:
    """The distribution (7,) of a model for which emotions are alike, with so many neutral faces about."""
    weighed = np.array(probabilities, dtype=np.float64)
    weighed[_NEUTRAL] *= _odds(neutral) * (len(LABELS) - 1)
    return _shares(weighed)


def usual_reading(reading: Reading, neutral: float) -> Reading:
    """The reading with its distribution as it is with so much neutral about."""
    return replace(reading, probabilities=as_usual(reading.probabilities, neutral))


def doubts(config: FusionConfig) -> NDArray[np.float64]:
    """What the emotions of a newcomer are multiplied with (7,): 1 for neutral and what is not doubted."""
    shares = [min(config.newcomer_neutral, config.newcomer_emotions.get(label, 1.0)) for label in LABELS]
    factors = np.array([min(1.0, _odds(config.face_neutral) / _odds(share)) for share in shares])
    factors[_NEUTRAL] = 1.0
    return factors


@dataclass(slots=True, eq=False)
class _Visitor:
    """What is remembered of a visit."""

    since: float
    steady: LogFilter = field(default_factory=lambda: LogFilter(HALF_LIFE))
    was_neutral: bool = False

    def look(self, usual: Probabilities, at: float) -> None:
        """Take in what a face usually like that shows now."""
        steady = self.steady.update(usual, at)
        if at - self.since >= LOOKED and steady[_NEUTRAL] >= SEEN:
            self.was_neutral = True


class UsualFaces:
    """Knows of each visitor whether they were ever seen neutral, and expects as much of their face."""

    def __init__(self, config: FusionConfig) -> None:
        self._neutral = config.face_neutral
        self._odds = np.array([config.face_odds.get(label, 1.0) for label in LABELS])
        self._doubts = doubts(config)
        self._visitors: dict[int, _Visitor] = {}

    def carry_on(self, before: UsualFaces) -> None:
        """Begin with the visitors of another one."""
        self._visitors = before._visitors

    def keep_only(self, numbers: Collection[int]) -> None:
        """Forget visits that have ended."""
        self._visitors = {number: one for number, one in self._visitors.items() if number in numbers}

    def compose(self, seen: FaceObservation, numbers: Mapping[int, int]) -> FaceObservation:
        """The observation with its readings as they are for these faces; `numbers`: visits by track."""
        if not seen.readings:
            return seen
        readings = tuple(self._composed(reading, numbers) for reading in seen.readings)
        pairs = zip(seen.readings, readings, strict=True)
        subject = next((new for old, new in pairs if old is seen.subject), seen.subject)
        return replace(seen, readings=readings, subject=subject)

    def _composed(self, reading: Reading, numbers: Mapping[int, int]) -> Reading:
        usual = as_usual(reading.probabilities * self._odds, self._neutral)
        number = None if reading.track is None else numbers.get(reading.track)
        if number is None:
            return replace(reading, probabilities=usual)
        visitor = self._visitors.setdefault(number, _Visitor(reading.captured_at))
        visitor.look(usual, reading.captured_at)
        if visitor.was_neutral:
            return replace(reading, probabilities=usual)
        return replace(reading, probabilities=_shares(usual * self._doubts))


def _odds(share: float) -> float:
    return share / (1.0 - share)


def _shares(weighed: Probabilities) -> Probabilities:
    return np.asarray(weighed / max(float(weighed.sum()), FLOOR))
