"""Anonymous numbers for those in the picture: one lives for a visit and says nothing about who it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from math import hypot, sqrt
from typing import Final

from edge.perception.observation import FaceSighting
from edge.vocabulary import Box

__all__ = ["Visit", "Visits"]

GAP: Final = 5.0
"""Seconds a face may be hidden, turned away or missed and keep its number."""
_GAP_AT_BORDER: Final = 0.6
"""… where it was last seen leaving the picture: whoever comes in there is somebody new."""
_BORDER: Final = 0.01
_NEAR, _DRIFT, _FAR = 0.6, 0.5, 2.0
"""Face sizes that a face may have moved: at once, more for each second, at most."""
_GROWN: Final = 2.0
"""Times that a face may have become larger or smaller meanwhile."""


@dataclass(slots=True, eq=False)
class Visit:
    """Somebody's stay in one camera's picture; times on the clock of the pictures."""

    number: int
    track: int
    box: Box
    quality: float
    since: float
    seen_at: float

    @property
    def centre(self) -> tuple[float, float]:
        """Where the face is, in shares of the picture."""
        x, y, w, h = self.box
        return x + w / 2, y + h / 2


class Visits:
    """Gives every confirmed face of one camera a number; `numbers` is shared by the cameras of a room."""

    def __init__(self, numbers: Iterable[int] | None = None) -> None:
        self._numbers = iter(count(1) if numbers is None else numbers)
        self._visits: list[Visit] = []

    @property
    def present(self) -> Sequence[Visit]:
        """Everybody here, those hidden for a moment included, in order of arrival."""
        return tuple(self._visits)

    def see(self, sightings: Iterable[FaceSighting], at: float) -> list[Visit]:
        """Take the faces of a picture; the visits that have ended. Every confirmed face has a number then."""
        confirmed = [one for one in sightings if one.confirmed]
        by_track = {visit.track: visit for visit in self._visits}
        unknown = [one for one in confirmed if one.track not in by_track]
        for one in confirmed:
            if one.track in by_track:
                _update(by_track[one.track], one, at)
        hidden = [visit for visit in self._visits if visit.seen_at < at]
        for one in self._welcome_back(unknown, hidden, at):
            box = one.box
            self._visits.append(Visit(next(self._numbers), one.track, box, one.quality, at, at))
        return self.expire(at)

    def expire(self, at: float) -> list[Visit]:
        """Let time pass; the visits that have ended."""
        ended = [visit for visit in self._visits if at - visit.seen_at > _patience(visit)]
        self._visits = [visit for visit in self._visits if visit not in ended]
        return ended

    def clear(self) -> list[Visit]:
        """The camera was closed: every visit ends."""
        ended, self._visits = self._visits, []
        return ended

    def _welcome_back(
        self, unknown: list[FaceSighting], hidden: list[Visit], at: float
    ) -> list[FaceSighting]:
        """Pair new tracks with hidden visits, the nearest first; those that are nobody known are returned."""
        options = sorted(
            (distance, i, j)
            for i, one in enumerate(unknown)
            for j, visit in enumerate(hidden)
            if (distance := _distance(visit, one, at)) is not None
        )
        back: dict[int, int] = {}
        for _, i, j in options:
            if i not in back and j not in back.values():
                back[i] = j
                hidden[j].track = unknown[i].track
                _update(hidden[j], unknown[i], at)
        return [one for i, one in enumerate(unknown) if i not in back]


def _update(visit: Visit, one: FaceSighting, at: float) -> None:
    visit.box, visit.quality, visit.seen_at = one.box, one.quality, at


def _patience(visit: Visit) -> float:
    x, y, w, h = visit.box
    leaving = min(x, y, 1.0 - x - w, 1.0 - y - h) < _BORDER
    return _GAP_AT_BORDER if leaving else GAP


def _distance(visit: Visit, one: FaceSighting, at: float) -> float | None:
    """How far a face is from where somebody was last seen, in face sizes; None if it cannot be the same."""
    gap = at - visit.seen_at
    _, _, w, h = one.box
    before = sqrt(visit.box[2] * visit.box[3])
    size = max(before, sqrt(w * h), 1e-6)
    grown = size / max(min(before, sqrt(w * h)), 1e-6)
    x, y = visit.centre
    distance = hypot(one.box[0] + w / 2 - x, one.box[1] + h / 2 - y) / size
    allowed = min(_NEAR + _DRIFT * gap, _FAR)
    return distance if gap <= _patience(visit) and grown <= _GROWN and distance <= allowed else None
