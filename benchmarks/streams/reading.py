"""What the device's models read of a stream: emotions, heads that are bowed, and mouths that move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.building import Crop, Shown
from edge.perception.attention import Attention
from edge.perception.face_input import face_input
from edge.perception.head import Bowed, Lowered, may_come_of_pose
from edge.perception.mouth import MouthMotion
from edge.perception.observation import FaceObservation, FaceSighting
from edge.vocabulary import Box, Reading

__all__ = ["Judge", "Probabilities", "judged", "observations"]

Probabilities = NDArray[np.float64]
_BATCH: Final = 8
_PLACES: Final = (0.05, 0.4, 0.75)
"""Where the left side of a face is, as a share of the picture: whoever comes next stands elsewhere."""


class Judge(Protocol):
    """Says what a batch of faces, as the model takes them, shows."""

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, 7)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    visit: int
    scores: Probabilities
    bowed: bool
    mouth: float | None


def observations(
    shown: Sequence[Shown], classifier: Judge, head: Lowered, *, limit: float, thrift: bool = False
) -> list[FaceObservation]:
    """One observation a picture, as the camera's thread makes it of a face that is well seen.

    `limit` is `camera.quality.max_lowered`. With `thrift` a face is judged when it is due, as the daemon
    does, and its last scores hold in between.
    """
    there = [one for one in shown if one.crop is not None]
    read = _when_due(there, classifier) if thrift else _all(there, classifier)
    bowed, mouths = Bowed(head, limit), MouthMotion()
    found = []
    for one in shown:
        crops = {} if one.crop is None else {one.visit: one.crop}
        down, moving = bowed.look(crops, one.at), mouths.measure(crops)
        face = None
        if one.crop is not None:
            face = _Face(one.visit, next(read), one.visit in down, moving.get(one.visit))
        found.append(_observed(one.at, face))
    return found


def judged(at: float, visit: int, scores: Probabilities) -> FaceObservation:
    """A picture in which somebody was read as `scores` (7,)."""
    return _observed(at, _Face(visit, scores, bowed=False, mouth=None))


def _observed(at: float, face: _Face | None) -> FaceObservation:
    if face is None:
        return FaceObservation(at)
    excused = face.bowed and may_come_of_pose(face.scores)
    reasons = ("looking down",) if excused else ()
    box: Box = (_PLACES[face.visit % len(_PLACES)], 0.3, 0.2, 0.3)
    sighting = FaceSighting(face.visit, box, 1.0, 0.0 if excused else 1.0, reasons, True, face.mouth)
    reading = Reading("face", face.scores, 1.0, at, box=box, track=face.visit)
    readings = () if excused else (reading,)
    return FaceObservation(at, readings, readings[0] if readings else None, 1, (sighting,))


def _all(shown: Sequence[Shown], classifier: Judge) -> Iterator[Probabilities]:
    """Each crop is judged once, however often it is shown."""
    different = {id(one.crop): one.crop for one in shown if one.crop is not None}
    crops, scores = iter(different.items()), dict[int, Probabilities]()
    while batch := list(islice(crops, _BATCH)):
        keys, pictures = zip(*batch, strict=True)
        scores |= zip(keys, classifier.probabilities(face_input(np.stack(pictures))), strict=True)
    return (scores[id(one.crop)] for one in shown)


def _when_due(shown: Sequence[Shown], classifier: Judge) -> Iterator[Probabilities]:
    attention = Attention()
    for one in shown:
        crop: Crop | None = one.crop
        if crop is not None and attention.due(one.visit, crop, 1.0, one.at):
            scores = classifier.probabilities(face_input(crop))[0]
            attention.judged(one.visit, crop, 1.0, one.at, scores)
        yield attention.scores(one.visit)
