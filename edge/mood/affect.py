"""Valence, arousal and entropy of a distribution over the seven emotions. Pure.

Valence (unpleasant to pleasant) and arousal (calm to excited), both from -1 to 1, are the expectation of the
emotions' coordinates over their probabilities. The coordinates are the mean ratings of pleasure and arousal
of Russell and Mehrabian, "Evidence for a three-factor theory of emotions", Journal of Research in Personality
11 (1977), 273-294, for angry, disgusted, fearful, happy, sad and surprised: the plane of Russell's circumplex
model (1980). Neutral is the origin. They are derived from seven labels, not measured by a model of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.vocabulary import LABELS, Probabilities

__all__ = ["COORDINATES", "Affect", "affect", "entropy"]

COORDINATES: Final = {
    "angry": (-0.51, 0.59),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "surprise": (0.40, 0.67),
    "neutral": (0.0, 0.0),
}
"""Valence and arousal of each emotion, -1 to 1."""

_PLANE: Final = np.array([COORDINATES[label] for label in LABELS])


@dataclass(frozen=True, slots=True)
class Affect:
    """A point in the circumplex, each axis -1 to 1."""

    valence: float
    arousal: float


def affect(probabilities: Probabilities) -> Affect:
    """The expected point for a distribution (7,)."""
    valence, arousal = np.asarray(probabilities) @ _PLANE
    return Affect(float(valence), float(arousal))


def entropy(probabilities: Probabilities) -> float:
    """Doubt in a distribution (7,), in bits: 0 for a certain label, log2(7) = 2.81 when all are alike."""
    shares = np.asarray(probabilities, dtype=float)
    positive = shares[shares > 0]
    return max(0.0, float(-(positive * np.log2(positive)).sum()))
