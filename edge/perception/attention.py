"""When a face is judged: at once where it changed, else a few times a second.

In between its last scores hold, so that readings stay as close together as pictures are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.pixels import Image
from edge.vocabulary import Probabilities

__all__ = ["REST", "SHARED", "Attention", "Glance", "change", "glance"]

REST: Final = 0.245
"""Seconds for which a face that does not change is left alone: four judgements a second."""

SHARED: Final = 4
"""Faces that have as much attention as one has alone; more of them share it."""

_SIDE: Final = 16
_PATCH: Final = (4, 4)
_LEAST_CONTRAST: Final = 8.0
_CHANGED: Final = 0.3
_BETTER: Final = 0.2
_SETTLING: Final = 1.0
"""Seconds for which a face that has just come is judged in every picture."""
_OTHERWISE: Final = 0.1
"""Share of probability between two judgements from which on the next picture is judged as well."""

Glance = NDArray[np.float32]
"""A face at 16 x 16 grey pixels: enough to see that it changed, and free of the camera's noise."""


def glance(crop: Image) -> Glance:
    """What is remembered of a grey 48 x 48 crop."""
    return np.asarray(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)


def change(before: Glance, now: Glance) -> float:
    """Change of the patch of 12 x 12 pixels that changed most, in deviations of the face's grey levels.

    A change of light alone is none. Small movements of the box give 0.1, a blink or a word 0.3 and more.
    """
    difference = now - before
    difference -= difference.mean()
    patches = cv2.blur(np.abs(difference), _PATCH)
    return float(patches.max()) / max(float(now.std()), _LEAST_CONTRAST)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    glance: Glance
    quality: float
    at: float
    scores: Probabilities
    since: float
    settled: bool


class Attention:
    """Remembers of each track when and on what it was judged last; time is passed in, in seconds."""

    def __init__(self, rest: float = REST) -> None:
        self._rest, self._share = rest, 1.0
        self._judged: dict[int, _Judged] = {}

    def due(
        self, track: int, crop: Image, quality: float, at: float, *, still: bool = False, busy: bool = False
    ) -> bool:
        """Whether the face must be judged now; on a `still` picture only because its crop is another.

        In one that is `busy`, searched as well, a face waits for the next one if it was judged just now.
        """
        last = self._judged.get(track)
        if last is None:
            return True
        if busy and 0.0 <= at - last.at < REST:
            return False
        if not still and not (last.settled and 0.0 <= at - last.at < self._rest * self._share):
            return True
        return abs(quality - last.quality) > _BETTER or change(last.glance, glance(crop)) > _CHANGED

    def judged(self, track: int, crop: Image, quality: float, at: float, scores: Probabilities) -> None:
        """Take down what a judgement gave."""
        last = self._judged.get(track)
        since = at if last is None else last.since
        settled = last is not None and at - since >= _SETTLING and _apart(last.scores, scores) < _OTHERWISE
        self._judged[track] = _Judged(glance(crop), quality, at, scores, since, settled)

    def scores(self, track: int) -> Probabilities:
        """What the face was judged as last."""
        return self._judged[track].scores

    def keep_only(self, tracks: Collection[int]) -> None:
        """Forget faces that are gone; there are so many now."""
        self._judged = {track: last for track, last in self._judged.items() if track in tracks}
        self._share = max(1.0, len(tracks) / SHARED)


def _apart(a: Probabilities, b: Probabilities) -> float:
    """Total variation distance of two distributions (0..1)."""
    return float(np.abs(a - b).sum()) / 2
