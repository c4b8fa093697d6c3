"""One reading of all faces in a picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from edge.vocabulary import LABELS, Reading

__all__ = ["Together", "pool"]

Together = Literal["all", "subject", "strongest"]
"""Whose face makes the mood of the room: everybody's, the most prominent, or the most expressive."""

_NEUTRAL: Final = LABELS.index("neutral")


def pool(readings: Sequence[Reading], subject: Reading | None, how: Together) -> Reading | None:
    """One reading for the faces of a picture, None without any.

    All: the mean of their distributions, each weighted by its quality. Strongest: the face that is the
    least neutral, by its quality. With one face all three are the same.
    """
    if how == "subject":
        return subject
    if len(readings) <= 1:
        return readings[0] if readings else None
    if how == "strongest":
        return max(readings, key=lambda one: one.quality * (1.0 - float(one.probabilities[_NEUTRAL])))
    qualities = np.array([one.quality for one in readings])
    if qualities.sum() <= 0:
        return subject
    mixed = qualities @ np.stack([one.probabilities for one in readings]) / qualities.sum()
    lead = max(readings, key=lambda one: one.quality)
    return replace(lead, probabilities=mixed, box=None, track=None)
