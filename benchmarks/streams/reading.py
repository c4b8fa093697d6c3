"""What the device's models read of a stream: emotions, heads that are bowed, and mouths that move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.building import Crop, Shown
from edge.inference.card import Card
from edge.inference.engine import Batch
from edge.perception.attention import Attention
from edge.perception.face_input import face_batch
from edge.perception.head import Bowed, Lowered, may_come_of_pose
from edge.perception.mouth import MouthMotion
from edge.perception.observation import FaceObservation, FaceSighting
from edge.vocabulary import LABELS, Box, Reading

__all__ = ["Judge", "Probabilities", "Readings", "judged", "read"]

Probabilities = NDArray[np.float64]
_BATCH: Final = 8
_PLACES: Final = (0.05, 0.4, 0.75)
"""Where the left side of a face is, as a share of the picture: whoever comes next stands elsewhere."""


class Judge(Protocol):
    """Says what a batch of faces, as the model takes them, shows."""

    @property
    def card(self) -> Card:
        """What they are to be given as."""
        ...

    def probabilities(self, batch: Batch) -> NDArray[np.float64]:
        """(n, 7)."""
        ...


@dataclass(frozen=True, eq=False)
class Readings:
    """What was read of a stream, a row a picture.

    `at` (n,) in seconds, `visit` (n,) with 0 for nobody, `scores` (n, 7), whether the head is bowed (n,), and
    the motion of the mouth (n,), not a number where it is unknown.
    """

    at: NDArray[np.float64]
    visit: NDArray[np.int64]
    scores: Probabilities
    bowed: NDArray[np.bool_]
    mouth: NDArray[np.float64]

    def observations(self) -> list[FaceObservation]:
        """One a picture, as the camera's thread makes it of a face that is well seen."""
        return [self._observed(row) for row in range(len(self.at))]

    def _observed(self, row: int) -> FaceObservation:
        at, visit, scores = float(self.at[row]), int(self.visit[row]), self.scores[row]
        if not visit:
            return FaceObservation(at)
        mouth = None if np.isnan(self.mouth[row]) else float(self.mouth[row])
        excused = bool(self.bowed[row]) and may_come_of_pose(scores)
        reasons = ("looking down",) if excused else ()
        box: Box = (_PLACES[visit % len(_PLACES)], 0.3, 0.2, 0.3)
        sighting = FaceSighting(visit, box, 1.0, 0.0 if excused else 1.0, reasons, True, mouth)
        readings = () if excused else (Reading("face", scores, 1.0, at, box=box, track=visit),)
        return FaceObservation(at, readings, readings[0] if readings else None, 1, (sighting,))


def read(
    shown: Sequence[Shown], classifier: Judge, head: Lowered, *, limit: float, thrift: bool = False
) -> Readings:
    """What the models say to every picture.

    `limit` is `camera.quality.max_lowered`. With `thrift` a face is judged when it is due, as the daemon
    does, and its last scores hold in between.
    """
    there = [one for one in shown if one.crop is not None]
    scores = _when_due(there, classifier) if thrift else _all(there, classifier)
    nothing = np.full(len(LABELS), np.nan)
    bowed, mouths = Bowed(head, limit), MouthMotion()
    rows = []
    for one in shown:
        crops = {} if one.crop is None else {one.visit: one.crop}
        down, moving = bowed.look(crops, one.at), mouths.measure(crops)
        seen = nothing if one.crop is None else next(scores)
        visit = 0 if one.crop is None else one.visit
        rows.append((one.at, visit, seen, visit in down, moving.get(visit)))
    at, visits, said, bows, moves = zip(*rows, strict=True)
    return Readings(
        np.array(at), np.array(visits), np.stack(said), np.array(bows), np.array(moves, dtype=np.float64)
    )


def judged(at: float, visit: int, scores: Probabilities) -> FaceObservation:
    """A picture in which somebody was read as `scores` (7,)."""
    one = Readings(np.array([at]), np.array([visit]), scores[None], np.array([False]), np.array([np.nan]))
    return one.observations()[0]


def _all(shown: Sequence[Shown], classifier: Judge) -> Iterator[Probabilities]:
    """Each crop is judged once, however often it is shown."""
    different = {id(one.crop): one.crop for one in shown if one.crop is not None}
    crops, scores = iter(different.items()), dict[int, Probabilities]()
    while batch := list(islice(crops, _BATCH)):
        keys, pictures = zip(*batch, strict=True)
        given = face_batch(np.stack(pictures), classifier.card)
        scores |= zip(keys, classifier.probabilities(given), strict=True)
    return (scores[id(one.crop)] for one in shown)


def _when_due(shown: Sequence[Shown], classifier: Judge) -> Iterator[Probabilities]:
    attention = Attention()
    for one in shown:
        crop: Crop | None = one.crop
        if crop is not None and attention.due(one.visit, crop, 1.0, one.at):
            scores = classifier.probabilities(face_batch(crop, classifier.card))[0]
            attention.judged(one.visit, crop, 1.0, one.at, scores)
        yield attention.scores(one.visit)
