"""Faces over time: who is the same, who is new, who has left, and who is the subject."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from math import hypot, sqrt
from typing import Final

from edge.perception.detector import Face
from edge.perception.flow import Motion, moved

__all__ = ["HITS", "SubjectChooser", "Track", "Tracker", "blend", "match", "overlap", "prominence"]

HITS, _OF = 2, 3
"""A face is confirmed by 2 detections of 3, so that a single false alarm is never judged."""

_SAME: Final = 0.3
_JUMP: Final = 0.5
_STEADY: Final = 0.6
_STAY: Final = 1.3


@dataclass(slots=True, eq=False)
class Track:
    """One face over time; `missed` counts the detections in a row that did not find it."""

    id: int
    face: Face
    confirmed: bool = False
    missed: int = 0
    followed: bool = True
    hits: deque[bool] = field(default_factory=lambda: deque(maxlen=_OF))


class Tracker:
    """Assigns detections to tracks by overlap, smooths boxes, confirms and drops faces.

    `confirm` is the number of detections (of the last three) before a face counts; `patience` the
    number of detections in a row that may miss it.
    """

    def __init__(self, *, confirm: int = HITS, patience: int = 3) -> None:
        self._confirm = confirm
        self._patience = patience
        self._ids = count(1)
        self._tracks: list[Track] = []

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All faces now, confirmed or not."""
        return tuple(self._tracks)

    @property
    def unsettled(self) -> bool:
        """Whether a face awaits confirmation or could not be followed, so that a detection is due."""
        return any(not track.confirmed or not track.followed for track in self._tracks)

    def forget(self) -> None:
        """Another scene: nobody is followed any more."""
        self._tracks = []

    def move(self, motions: Sequence[Motion | None]) -> None:
        """Carry every track along; one motion a track, in the order of `tracks`."""
        for track, motion in zip(self._tracks, motions, strict=True):
            track.followed = motion is not None
            if motion is not None:
                track.face = moved(track.face, motion)

    def update(self, faces: Sequence[Face]) -> None:
        """Take the faces found in the present picture."""
        pairs = match([track.face for track in self._tracks], faces)
        for index, track in enumerate(self._tracks):
            self._see(track, faces[pairs[index]] if index in pairs else None)
        self._tracks = [track for track in self._tracks if self._lives(track)]
        taken = set(pairs.values())
        for index, face in enumerate(faces):
            if index not in taken:
                self._tracks.append(self._new(face))

    def _new(self, face: Face) -> Track:
        track = Track(next(self._ids), face, confirmed=self._confirm <= 1)
        track.hits.append(True)
        return track

    def _see(self, track: Track, face: Face | None) -> None:
        track.hits.append(face is not None)
        track.missed = 0 if face else track.missed + 1
        track.confirmed = track.confirmed or sum(track.hits) >= self._confirm
        if face is not None:
            track.followed = True
            track.face = blend(track.face, face)

    def _lives(self, track: Track) -> bool:
        if track.confirmed:
            return track.missed < self._patience
        return len(track.hits) - sum(track.hits) <= _OF - self._confirm


def overlap(a: Face, b: Face) -> float:
    """Intersection over union of two boxes."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    along = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if across <= 0 or along <= 0:
        return 0.0
    shared = across * along
    return shared / (a.w * a.h + b.w * b.h - shared)


def match(known: Sequence[Face], found: Sequence[Face]) -> dict[int, int]:
    """Pairs known → found with the largest overlaps first, each used once."""
    scored = ((overlap(a, b), i, j) for i, a in enumerate(known) for j, b in enumerate(found))
    pairs: dict[int, int] = {}
    for value, i, j in sorted(scored, reverse=True):
        if value >= _SAME and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def blend(old: Face, new: Face) -> Face:
    """The new box steadied by the old one; a face that jumped is taken as it is."""
    if overlap(old, new) < _JUMP:
        return new
    a, b = _STEADY, 1 - _STEADY
    points = new.points
    if points is not None and old.points is not None:
        points = a * points + b * old.points
    return Face(
        a * new.x + b * old.x, a * new.y + b * old.y, a * new.w + b * old.w, a * new.h + b * old.h,
        new.score, points,
    )  # fmt: skip


class SubjectChooser:
    """Picks the largest and most central face, and keeps it until another is clearly more so."""

    def __init__(self) -> None:
        self._subject: int | None = None

    def choose(self, tracks: Sequence[Track], picture: tuple[int, int]) -> int | None:
        """Id of the subject among the confirmed tracks, None when there are none."""
        weights = {track.id: prominence(track.face, picture) for track in tracks if track.confirmed}
        if not weights:
            self._subject = None
            return None
        best = max(weights, key=lambda track: weights[track])
        kept = weights.get(self._subject, 0.0) if self._subject is not None else 0.0
        if weights[best] > _STAY * kept:
            self._subject = best
        return self._subject


def prominence(face: Face, picture: tuple[int, int]) -> float:
    """Size of the face, halved towards the corners of the (width, height) picture."""
    width, height = picture
    away = hypot((face.x + face.w / 2) / width - 0.5, (face.y + face.h / 2) / height - 0.5)
    return sqrt(max(face.w * face.h, 0.0)) * (1.0 - 0.5 * min(1.0, away / hypot(0.5, 0.5)))
