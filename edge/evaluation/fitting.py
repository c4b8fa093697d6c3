"""Fitting temperatures, fusion weights and stacking by likelihood: small convex problems in numpy."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.mood.pooling import FusionParameters, log_probabilities
from edge.vocabulary import LABELS, softmax

__all__ = ["Array", "Ids", "Stacking", "fit_scales", "fit_temperature", "fit_weights"]

Array = NDArray[np.float64]
Ids = NDArray[np.int64]


_RIDGE: Final = 1e-6
_SHRINK: Final = 0.1
"""Penalty on fusion weights that are not 1, as two independent senses would have: on pairs of people apart
the likelihood is the same as without, and more answers are right (docs/models.md)."""


def fit_scales(terms: Array, offset: Array, labels: Ids, shrink: float = 0.0) -> Array:
    """Factors (m,) that make softmax(offset + sum of factor x term) likeliest; terms (m, n, 7).

    Newton's method on a convex loss, started at ones, kept within 0..20; `shrink` times half the squared
    distance from one is added to the mean loss.
    """
    factors = np.ones(len(terms))
    rows = np.arange(len(labels))
    for _ in range(50):
        p = softmax(offset + np.tensordot(factors, terms, axes=1))
        mean = np.einsum("nk,mnk->mn", p, terms)
        gradient = (mean - terms[:, rows, labels]).mean(axis=1) + shrink * (factors - 1.0)
        centred = terms - mean[:, :, None]
        hessian = np.einsum("nk,ank,bnk->ab", p, centred, centred) / len(labels)
        step = np.linalg.solve(hessian + (shrink + _RIDGE) * np.eye(len(terms)), gradient)
        moved = np.clip(factors - np.clip(step, -1.0, 1.0), 0.0, 20.0)
        if np.abs(moved - factors).max() < 1e-7:
            return np.asarray(moved)
        factors = moved
    return factors


def fit_temperature(logits: Array, labels: Ids) -> float:
    """The temperature that makes softmax(logits / temperature) likeliest."""
    factor = fit_scales(np.asarray(logits, dtype=np.float64)[None], np.zeros(len(LABELS)), labels)[0]
    return float(1.0 / max(factor, 1e-3))


def fit_weights(face: Array, speech: Array, labels: Ids, prior: Array) -> FusionParameters:
    """Weights of log-linear pooling for calibrated probabilities (n, 7) of both senses.

    `prior` (7,) are the shares of the emotions among which both were calibrated.
    """
    log_prior = log_probabilities(prior)
    terms = np.stack([log_probabilities(face) - log_prior, log_probabilities(speech) - log_prior])
    face_weight, speech_weight = fit_scales(terms, log_prior, labels, _SHRINK).tolist()
    return FusionParameters(
        face_weight=face_weight, speech_weight=speech_weight, prior=prior, origin="fitted"
    )


class Stacking:
    """Multinomial logistic regression on the log probabilities of both senses."""

    def __init__(self, weights: Array) -> None:
        self.weights = weights

    @classmethod
    def fit(cls, face: Array, speech: Array, labels: Ids, penalty: float = 1e-2) -> Stacking:
        """By Newton's method with an L2 penalty."""
        x = _design(face, speech)
        n, d = x.shape
        k = len(LABELS)
        hot = np.eye(k)[labels]
        weights = np.zeros((d, k))
        for _ in range(30):
            p = softmax(x @ weights)
            gradient = x.T @ (p - hot) / n + penalty * weights
            hessian = -np.einsum("na,ni,nj,nb->aibj", x, p, p, x, optimize=True) / n
            for i in range(k):
                hessian[:, i, :, i] += (x * p[:, i : i + 1]).T @ x / n
            flat = hessian.reshape(d * k, d * k) + penalty * np.eye(d * k)
            step = np.linalg.solve(flat, gradient.reshape(-1)).reshape(d, k)
            weights = weights - step
            if np.abs(step).max() < 1e-6:
                break
        return cls(weights)

    def __call__(self, face: Array, speech: Array) -> Array:
        """Probabilities (n, 7)."""
        return softmax(_design(face, speech) @ self.weights)


def _design(face: Array, speech: Array) -> Array:
    one = np.ones((len(face), 1))
    return np.concatenate([log_probabilities(face), log_probabilities(speech), one], axis=1)
