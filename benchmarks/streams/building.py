"""Streams of crops as a camera delivers them: faces held for some seconds, one faded into the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.evaluation.faces import Faces
from edge.vocabulary import LABELS

Crop = NDArray[np.uint8]

_FADE: Final = 0.4
"""Seconds from one face to the next."""
NEUTRAL: Final = LABELS.index("neutral")


@dataclass(frozen=True)
class Held:
    """A picture (its row), its label (class id), and for how many seconds it stands."""

    row: int
    label: int
    seconds: float


def expressive(faces: Faces, trials: int, seed: int) -> list[Held]:
    """Each emotion but neutral `trials` times for 6 s, in random order, 4 to 8 s of a neutral face before."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.repeat([k for k in range(len(LABELS)) if k != NEUTRAL], trials))
    plan: list[Held] = []
    for label in labels.tolist():
        plan.append(_drawn(faces, NEUTRAL, float(generator.uniform(4, 8)), generator))
        plan.append(_drawn(faces, label, 6.0, generator))
    return plan


def neutral_room(faces: Faces, minutes: float, seed: int) -> list[Held]:
    """Neutral faces alone, each for 10 to 40 s."""
    generator = np.random.default_rng(seed)
    plan: list[Held] = []
    while sum(held.seconds for held in plan) < minutes * 60:
        plan.append(_drawn(faces, NEUTRAL, float(generator.uniform(10, 40)), generator))
    return plan


def _drawn(faces: Faces, label: int, seconds: float, generator: np.random.Generator) -> Held:
    rows = np.flatnonzero(faces.labels == label)
    return Held(int(rows[int(generator.integers(len(rows)))]), label, seconds)


def frames(faces: Faces, plan: list[Held], fps: float, seed: int) -> Iterator[tuple[float, Crop]]:
    """Times (s) and crops (48, 48): each face moves a little, light and noise differ by frame."""
    generator = np.random.default_rng(seed)
    before, start = faces.images[plan[0].row], 0.0
    for held in plan:
        picture = faces.images[held.row]
        for step in range(int(held.seconds * fps)):
            since = step / fps
            share = min(1.0, (since + 1 / fps) / _FADE)
            mixed = cv2.addWeighted(picture, share, before, 1 - share, 0)
            yield start + since, _as_seen(mixed, generator)
        before, start = picture, start + int(held.seconds * fps) / fps


def _as_seen(crop: NDArray[np.generic], generator: np.random.Generator) -> Crop:
    move = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
    move[:, :2] *= float(np.exp(generator.normal(0, 0.015)))
    move[:, 2] = generator.normal(0, 0.7, 2)
    moved = cv2.warpAffine(np.asarray(crop), move, (48, 48), borderMode=cv2.BORDER_REPLICATE)
    seen = moved * (1 + generator.normal(0, 0.02)) + generator.normal(0, 2.5, moved.shape)
    return np.asarray(np.clip(seen, 0, 255), dtype=np.uint8)


__all__ = ["NEUTRAL", "Crop", "Held", "expressive", "frames", "neutral_room"]
