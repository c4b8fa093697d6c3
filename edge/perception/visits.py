"""Persons in a picture: an anonymous number for as long as the visit lasts; pure, with the time passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import hypot
from typing import Final

from edge.vocabulary import Box

__all__ = ["ABSENCE", "Visit", "Visits"]

ABSENCE: Final = 6.0
"""Seconds out of sight, behind something or turned away, after which whoever comes is a new visit."""

_LEAVING: Final = 0.6
"""… where the face was last seen at the border: whoever comes in there is a new visit."""
_BORDER: Final = 0.01
_REACH: Final = 1.0
_DRIFT: Final = 0.25
_FARTHEST: Final = 2.0
_GROWTH: Final = 1.8
_REMEMBERED: Final = 2.0
"""Seconds of the way that is remembered; whoever goes behind somebody is half hidden in the last of them …"""
_WALK: Final = 3.0
"""… and is thought to go on as before for so long."""


@dataclass(slots=True, eq=False)
class Visit:
    """Somebody's stay in the picture: from `since` to `seen_at` in seconds, the box where they were last.

    `past` are the boxes of the last seconds in sight.
    """

    number: int
    track: int
    box: Box
    since: float
    seen_at: float
    past: deque[tuple[float, Box]] = field(default_factory=deque)

    def see(self, box: Box, now: float) -> None:
        """They are here now."""
        self.box, self.seen_at = box, now
        self.past.append((now, box))
        while now - self.past[0][0] > _REMEMBERED:
            self.past.popleft()

    def expected(self, now: float) -> Box:
        """Where they would be if they had gone on as they went before the last second."""
        begun, first = self.past[0]
        middle = (begun + self.seen_at) / 2
        left, box = min(self.past, key=lambda one: abs(one[0] - middle))
        if left <= begun:
            return self.box
        pace = min(now - left, _WALK) / (left - begun)
        return box[0] + (box[0] - first[0]) * pace, box[1] + (box[1] - first[1]) * pace, *box[2:]


class Visits:
    """Gives tracks of a tracker the numbers of persons.

    A track keeps its number. A new one takes that of somebody out of sight who was last seen near by and
    about as large; near is one width and height of the face and a quarter more for each second, up to two,
    from there or from where they would be by now if they had gone on as they went.
    The number tells nothing about who it is: nothing of a face is kept but its box, and that for `absence` s.
    `numbers` is shared by the cameras of a room.
    """

    def __init__(self, *, absence: float = ABSENCE, numbers: Iterable[int] | None = None) -> None:
        self._absence = absence
        self._numbers = iter(count(1) if numbers is None else numbers)
        self._visits: list[Visit] = []
        self._ended: list[Visit] = []

    @property
    def present(self) -> Sequence[Visit]:
        """Everybody here, those out of sight for a moment included, in order of arrival."""
        return tuple(self._visits)

    def see(self, faces: Mapping[int, Box], now: float) -> dict[int, int]:
        """Number of each track in the picture at `now` (seconds): track → number."""
        self._expire(now)
        known = {visit.track: visit for visit in self._visits}
        new = {track: box for track, box in faces.items() if track not in known}
        away = [visit for visit in self._visits if visit.track not in faces]
        for track, visit in _nearest(new, away, now).items():
            visit.track = track
            known[track] = visit
        for track, box in sorted(faces.items(), key=lambda face: face[1]):
            known[track] = known.get(track) or self._begin(track, box, now)
            known[track].see(box, now)
        return {track: known[track].number for track in faces}

    def ended(self, now: float) -> list[Visit]:
        """The visits that have ended since this was asked last; time has passed until `now`."""
        self._expire(now)
        ended, self._ended = self._ended, []
        return ended

    def forget(self) -> None:
        """Another scene, or a closed camera: whoever comes now is a new visit."""
        self._ended += self._visits
        self._visits = []

    def _begin(self, track: int, box: Box, now: float) -> Visit:
        visit = Visit(next(self._numbers), track, box, now, now)
        self._visits.append(visit)
        return visit

    def _expire(self, now: float) -> None:
        gone = [visit for visit in self._visits if now - visit.seen_at > self._patience(visit)]
        self._ended += gone
        self._visits = [visit for visit in self._visits if visit not in gone]

    def _patience(self, visit: Visit) -> float:
        x, y, w, h = visit.box
        leaving = min(x, y, 1.0 - x - w, 1.0 - y - h) < _BORDER
        return min(_LEAVING, self._absence) if leaving else self._absence


def _nearest(new: Mapping[int, Box], away: list[Visit], now: float) -> dict[int, Visit]:
    """Pairs of a new track and somebody out of sight, the closest first."""
    scored = (
        (_away(box, visit, now) / _reach(now - visit.seen_at), track, index)
        for track, box in new.items()
        for index, visit in enumerate(away)
    )
    pairs: dict[int, Visit] = {}
    taken: set[int] = set()
    for distance, track, index in sorted(scored):
        if distance <= 1.0 and track not in pairs and index not in taken:
            pairs[track] = away[index]
            taken.add(index)
    return pairs


def _away(box: Box, visit: Visit, now: float) -> float:
    return min(_distance(box, visit.box), _distance(box, visit.expected(now)))


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
