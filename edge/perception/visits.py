"""Persons in a picture: an anonymous number for as long as the visit lasts; pure, with the time passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from math import hypot
from typing import Final

from edge.vocabulary import Box

__all__ = ["ABSENCE", "Visits"]

ABSENCE: Final = 6.0
"""Seconds out of sight, behind something or turned away, after which whoever comes is a new visit."""

_REACH: Final = 1.0
_DRIFT: Final = 0.25
_FARTHEST: Final = 2.0
_GROWTH: Final = 1.8


@dataclass(slots=True)
class _Visit:
    number: int
    track: int
    box: Box
    seen_at: float


class Visits:
    """Gives tracks of a tracker the numbers of persons.

    A track keeps its number. A new one takes that of somebody out of sight who was last seen near by and
    about as large; near is one width and height of the face and a quarter more for each second, up to two.
    The number tells nothing about who it is: nothing of a face is kept but its box, and that for `absence` s.
    """

    def __init__(self, *, absence: float = ABSENCE) -> None:
        self._absence = absence
        self._numbers = count(1)
        self._visits: list[_Visit] = []

    def see(self, faces: Mapping[int, Box], now: float) -> dict[int, int]:
        """Number of each track in the picture at `now` (seconds): track → number."""
        self._visits = [visit for visit in self._visits if now - visit.seen_at <= self._absence]
        known = {visit.track: visit for visit in self._visits}
        new = {track: box for track, box in faces.items() if track not in known}
        away = [visit for visit in self._visits if visit.track not in faces]
        for track, visit in _nearest(new, away, now).items():
            visit.track = track
            known[track] = visit
        for track, box in faces.items():
            known[track] = known.get(track) or self._begin(track, box)
            known[track].box, known[track].seen_at = box, now
        return {track: known[track].number for track in faces}

    def forget(self) -> None:
        """Another scene: whoever comes now is a new visit."""
        self._visits.clear()

    def _begin(self, track: int, box: Box) -> _Visit:
        visit = _Visit(next(self._numbers), track, box, 0.0)
        self._visits.append(visit)
        return visit


def _nearest(new: Mapping[int, Box], away: list[_Visit], now: float) -> dict[int, _Visit]:
    """Pairs of a new track and somebody out of sight, the closest first."""
    scored = (
        (_distance(box, visit.box) / _reach(now - visit.seen_at), track, index)
        for track, box in new.items()
        for index, visit in enumerate(away)
    )
    pairs: dict[int, _Visit] = {}
    taken: set[int] = set()
    for distance, track, index in sorted(scored):
        if distance <= 1.0 and track not in pairs and index not in taken:
            pairs[track] = away[index]
            taken.add(index)
    return pairs


def _reach(seconds: float) -> float:
    return min(_REACH + _DRIFT * seconds, _FARTHEST)


def _distance(a: Box, b: Box) -> float:
    """Between the middles, in widths and heights of the larger face; infinite for another size."""
    wide, tall = max(a[2], b[2]), max(a[3], b[3])
    if min(a[2], b[2]) * _GROWTH < wide or min(a[3], b[3]) * _GROWTH < tall:
        return float("inf")
    across = (a[0] + a[2] / 2 - b[0] - b[2] / 2) / wide
    along = (a[1] + a[3] / 2 - b[1] - b[3] / 2) / tall
    return hypot(across, along)
