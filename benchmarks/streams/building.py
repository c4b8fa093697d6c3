"""Streams of crops as a camera delivers them: faces held for some seconds, one faded into the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.evaluation.faces import Faces
from edge.vocabulary import LABELS

__all__ = [
    "NEUTRAL",
    "NOBODY",
    "Crop",
    "Held",
    "Part",
    "Shown",
    "arriving",
    "chosen",
    "expressive",
    "frames",
    "neutral_room",
]

Crop = NDArray[np.uint8]
Part = Literal["all", "fit", "report"]

NEUTRAL: Final = LABELS.index("neutral")
NOBODY: Final = -1
_FADE: Final = 0.4
"""Seconds from one face to the next."""
_VIEWS: Final = 8
_AWAY: Final = 7.0
"""Seconds without anybody: the mood is none, and whoever comes is somebody else."""
_LEAVES: Final = 0.25
_AGREED: Final = 5
"""Of FER+'s ten taggers, how many must see the label, and more than see anything else."""
_FERPLUS: Final = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear")


@dataclass(frozen=True)
class Held:
    """A picture (its row, or nobody), its label (class id), how many seconds it stands, and whose visit."""

    row: int
    label: int
    seconds: float
    visit: int = 1


class Shown(NamedTuple):
    """What is seen at `at` seconds: the crop (48, 48) of a visitor, or nobody."""

    at: float
    visit: int
    crop: Crop | None


def chosen(faces: Faces, part: Part, *, agreed: bool) -> Faces:
    """Every second picture, to fit on, or the others, to report; with `agreed` those of which FER+'s taggers
    say what the label says (all, where there are no votes)."""
    rows = np.ones(len(faces.labels), dtype=bool)
    if part != "all":
        rows &= np.arange(len(rows)) % 2 == ("fit", "report").index(part)
    if agreed and "ferplus_votes" in faces.extras:
        votes = np.asarray(faces.extras["ferplus_votes"])[:, : len(_FERPLUS)]
        said = np.array([LABELS.index(label) for label in _FERPLUS])[votes.argmax(axis=1)]
        rows &= (said == faces.labels) & (votes.max(axis=1) >= _AGREED)
    return faces.take(rows)


def expressive(faces: Faces, trials: int, seed: int) -> list[Held]:
    """Each emotion but neutral `trials` times for 6 s, in random order, 4 to 8 s of a neutral face before.

    Both are one visit: the tracker goes on as the face changes.
    """
    generator = np.random.default_rng(seed)
    plan: list[Held] = []
    for visit, label in enumerate(_emotions(trials, generator), 1):
        plan.append(_drawn(faces, NEUTRAL, float(generator.uniform(4, 8)), generator, visit))
        plan.append(_drawn(faces, label, 6.0, generator, visit))
    return plan


def arriving(faces: Faces, trials: int, seed: int) -> list[Held]:
    """Each emotion but neutral `trials` times for 6 s, in random order, in somebody who comes with it."""
    generator = np.random.default_rng(seed)
    plan: list[Held] = []
    for visit, label in enumerate(_emotions(trials, generator), 1):
        plan.append(Held(NOBODY, NOBODY, _AWAY, visit))
        plan.append(_drawn(faces, label, 6.0, generator, visit))
    return plan


def neutral_room(faces: Faces, minutes: float, seed: int) -> list[Held]:
    """Neutral visitors, each for 10 to 40 s; a quarter leave an empty room behind."""
    generator = np.random.default_rng(seed)
    plan: list[Held] = []
    while sum(held.seconds for held in plan) < minutes * 60:
        visit = len(plan) + 1
        plan.append(_drawn(faces, NEUTRAL, float(generator.uniform(10, 40)), generator, visit))
        if generator.random() < _LEAVES:
            plan.append(Held(NOBODY, NOBODY, _AWAY, visit))
    return plan


def _emotions(trials: int, generator: np.random.Generator) -> list[int]:
    labels = np.repeat([k for k in range(len(LABELS)) if k != NEUTRAL], trials)
    return [int(label) for label in generator.permutation(labels)]


def _drawn(faces: Faces, label: int, seconds: float, generator: np.random.Generator, visit: int) -> Held:
    rows = np.flatnonzero(faces.labels == label)
    return Held(int(rows[int(generator.integers(len(rows)))]), label, seconds, visit)


def frames(faces: Faces, plan: list[Held], fps: float, seed: int) -> Iterator[Shown]:
    """What is seen, picture by picture: each face moves a little, light and noise differ by frame.

    A face that stands is seen in one of a few ways, the same array each time: a model need judge it once.
    """
    generator = np.random.default_rng(seed)
    views: dict[tuple[int, int], Crop] = {}

    def seen(row: int, picture: Crop) -> Crop:
        view = row, int(generator.integers(_VIEWS))
        if view not in views:
            views[view] = _as_seen(picture, np.random.default_rng((seed, *view)))
        return views[view]

    before, visit, start = None, 0, 0.0
    for held in plan:
        steps = int(held.seconds * fps)
        picture = None if held.row == NOBODY else faces.images[held.row]
        before = before if held.visit == visit else None
        for step in range(steps):
            share = min(1.0, (step + 1) / fps / _FADE)
            crop: Crop | None
            if picture is not None and before is not None and share < 1.0:
                crop = _as_seen(_faded(picture, before, share), generator)
            else:
                crop = None if picture is None else seen(held.row, picture)
            yield Shown(start + step / fps, held.visit, crop)
        before, visit, start = picture, held.visit, start + steps / fps


def _faded(picture: Crop, before: Crop, share: float) -> Crop:
    return np.asarray(cv2.addWeighted(picture, share, before, 1 - share, 0), dtype=np.uint8)


def _as_seen(crop: Crop, generator: np.random.Generator) -> Crop:
    move = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
    move[:, :2] *= float(np.exp(generator.normal(0, 0.015)))
    move[:, 2] = generator.normal(0, 0.7, 2)
    moved = cv2.warpAffine(crop, move, (48, 48), borderMode=cv2.BORDER_REPLICATE)
    seen = moved * (1 + generator.normal(0, 0.02)) + generator.normal(0, 2.5, moved.shape)
    return np.asarray(np.clip(seen, 0, 255), dtype=np.uint8)
