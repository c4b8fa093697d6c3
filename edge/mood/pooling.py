"""Pooling rules: two distributions become one.

The rules take probabilities of shape (…, 7), calibrated, in label order, and qualities of shape (…);
evaluation and run time use the same functions. A sense of quality 0, or None, is missing: the
result is then the other's own distribution. Where both are missing the result is the prior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.vocabulary import LABELS, Probabilities, softmax

Array = NDArray[np.float64]
Rule = Literal["loglinear", "fscore", "mean", "product"]

FLOOR: Final = 1e-6
"""Least probability in logarithms: no single reading rules an emotion out for good."""


def uniform() -> Probabilities:
    """The distribution that knows nothing."""
    return np.full(len(LABELS), 1.0 / len(LABELS))


@dataclass(frozen=True, eq=False, kw_only=True)
class FusionParameters:
    """What the rules need: weights and prior (7,) of log-linear pooling, F1 scores (7,) of each sense."""

    face_weight: float = 1.0
    speech_weight: float = 1.0
    prior: Array = field(default_factory=uniform)
    face_f1: Array = field(default_factory=lambda: np.ones(len(LABELS)))
    speech_f1: Array = field(default_factory=lambda: np.ones(len(LABELS)))
    origin: str = "unfitted"
    """Where the weights come from, for `info`."""
    problem: str | None = None
    """Why they are not those that were meant."""


UNFITTED: Final = FusionParameters()
"""Both senses alike, nothing known beforehand."""


def log_probabilities(probabilities: ArrayLike) -> Array:
    """Logarithms of (…, 7), floored."""
    logs: Array = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), FLOOR))
    return logs


def fuse_loglinear(
    face: ArrayLike | None,
    speech: ArrayLike | None,
    weights: FusionParameters,
    *,
    face_quality: ArrayLike = 1.0,
    speech_quality: ArrayLike = 1.0,
) -> Array:
    """z = w_f q_f log p_f + w_s q_s log p_s - (w_f q_f + w_s q_s - 1) log π; p = softmax(z).

    A weight of 0 switches its sense off: the result is then the other's own distribution.
    """
    pair = _Pair(face, speech, face_quality, speech_quality, weights)
    a = np.where(pair.has_face, weights.face_weight * pair.face_quality, 0.0)
    b = np.where(pair.has_speech, weights.speech_weight * pair.speech_quality, 0.0)
    log_prior = log_probabilities(weights.prior)
    scores = a * log_probabilities(pair.face) + b * log_probabilities(pair.speech) - (a + b - 1.0) * log_prior
    return pair.choose(
        softmax(scores), off_face=weights.face_weight == 0, off_speech=weights.speech_weight == 0
    )


def fuse_product(
    face: ArrayLike | None,
    speech: ArrayLike | None,
    weights: FusionParameters = UNFITTED,
    *,
    face_quality: ArrayLike = 1.0,
    speech_quality: ArrayLike = 1.0,
) -> Array:
    """p ∝ p_f^q_f · p_s^q_s."""
    pair = _Pair(face, speech, face_quality, speech_quality, weights)
    scores = pair.face_quality * log_probabilities(pair.face)
    return pair.choose(softmax(scores + pair.speech_quality * log_probabilities(pair.speech)))


def fuse_mean(
    face: ArrayLike | None,
    speech: ArrayLike | None,
    weights: FusionParameters = UNFITTED,
    *,
    face_quality: ArrayLike = 1.0,
    speech_quality: ArrayLike = 1.0,
) -> Array:
    """The mean, weighted by quality."""
    pair = _Pair(face, speech, face_quality, speech_quality, weights)
    return pair.choose(_normalised(pair.face_quality * pair.face + pair.speech_quality * pair.speech))


def fuse_fscore(
    face: ArrayLike | None,
    speech: ArrayLike | None,
    weights: FusionParameters,
    *,
    face_quality: ArrayLike = 1.0,
    speech_quality: ArrayLike = 1.0,
) -> Array:
    """The sum in which each sense counts, per emotion, by its share of the two F1 scores; normalised."""
    pair = _Pair(face, speech, face_quality, speech_quality, weights)
    a, b = pair.face_quality * weights.face_f1, pair.speech_quality * weights.speech_f1
    both = a + b
    even = pair.face_quality / np.maximum(pair.face_quality + pair.speech_quality, FLOOR)
    share = np.where(both > 0, a / np.where(both > 0, both, 1.0), even)
    return pair.choose(_normalised(share * pair.face + (1.0 - share) * pair.speech))


FuseRule = Callable[..., Array]
RULES: Final[dict[Rule, FuseRule]] = {
    "loglinear": fuse_loglinear,
    "fscore": fuse_fscore,
    "mean": fuse_mean,
    "product": fuse_product,
}


class _Pair:
    """Both senses, broadcast to one shape, with who is missing where."""

    def __init__(
        self,
        face: ArrayLike | None,
        speech: ArrayLike | None,
        face_quality: ArrayLike,
        speech_quality: ArrayLike,
        weights: FusionParameters,
    ) -> None:
        self.prior = np.asarray(weights.prior, dtype=np.float64)
        self.face, self.face_quality = self._prepare(face, face_quality)
        self.speech, self.speech_quality = self._prepare(speech, speech_quality)
        self.has_face = self.face_quality > 0
        self.has_speech = self.speech_quality > 0

    def _prepare(self, probabilities: ArrayLike | None, quality: ArrayLike) -> tuple[Array, Array]:
        if probabilities is None:
            return self.prior, np.zeros(1)
        values = np.asarray(probabilities, dtype=np.float64)
        known = np.isfinite(values).all(axis=-1, keepdims=True)
        trust = np.clip(np.nan_to_num(np.asarray(quality, dtype=np.float64)), 0.0, 1.0)[..., np.newaxis]
        return np.where(known, values, self.prior), np.where(known, trust, 0.0)

    def choose(self, fused: Array, *, off_face: bool = False, off_speech: bool = False) -> Array:
        """`fused` where both are there, else the one that is, else the prior."""
        face, speech = self.has_face & (not off_face), self.has_speech & (not off_speech)
        alone = np.where(face, self.face, np.where(speech, self.speech, self.prior))
        return np.where(face & speech, fused, alone)


def _normalised(values: Array) -> Array:
    total = values.sum(axis=-1, keepdims=True)
    return np.asarray(values / np.where(total > 0, total, 1.0))
