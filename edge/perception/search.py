"""When and where the detector looks: near the known faces often, over the whole picture now and then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.config.models import DetectorConfig
from edge.perception.detector import Detector, Face
from edge.perception.neighbourhood import Cutout, neighbourhood, placed
from edge.perception.picture import Picture
from edge.perception.surroundings import Surroundings
from edge.perception.tracker import Track

__all__ = ["CALM", "STIRRED", "WHOLE", "Search"]

WHOLE: Final = 1.0
"""Seconds after which the whole picture is searched although nothing stirs in it."""
STIRRED: Final = 0.35
"""… and where something stirs beside faces that are known; longer where that was nobody new before."""
CALM: Final = 0.35
"""Seconds after which faces that are followed well are looked for where they are."""
_PATIENCE: Final = 1.5


class Search:
    """Owns the detector's calls; asked about every picture, in order.

    `thrift` looks only near the faces that are known, unless something else stirs or a face is missing, and
    at an empty scene only when something stirs. Without it the whole picture is searched every time.
    """

    def __init__(self, detector: Detector, config: DetectorConfig, *, thrift: bool) -> None:
        self._detector = detector
        self._config = config
        self._thrift = thrift
        self._surroundings = Surroundings()
        self._newest: list[Face] | None = None
        self._whole_at: float | None = None
        self._found_at: float | None = None
        self.begin()

    def begin(self) -> None:
        """Another scene: the next picture is searched."""
        self._since = self._config.every
        self._newest = self._whole_at = self._found_at = None
        self._stirred = STIRRED
        self._surroundings.forget()

    def due(self, *, unsettled: bool, still: bool = False) -> bool:
        """Whether a detection is due in this picture; asking counts the picture."""
        self._since += 1
        if not still:
            self._newest = None
        if self._since < self._config.every and not unsettled:
            return False
        self._since = 0
        return True

    def find(self, picture: Picture, tracks: Sequence[Track], at: float) -> list[Face] | None:
        """The faces of the picture, best first; None where nobody was there and nothing has stirred.

        What was found in a still picture is told again. Raises EngineError when the detector fails.
        """
        if self._newest is None or not self._thrift:
            self._newest = self._look(picture, tracks, at)
        return self._newest

    def _look(self, picture: Picture, tracks: Sequence[Track], at: float) -> list[Face] | None:
        if not self._thrift:
            return self._whole(picture)
        known = [track.face for track in tracks]
        if self._quiet(picture, known, at):
            followed = all(track.followed for track in tracks)
            if not known or (followed and self._is_calm(tracks, at)):
                return None
            found = self._near(picture, known) if followed else None
            if found is not None and len(found) >= len(known):
                self._found_at = at
                return found
        return self._everywhere(picture, known, at)

    def _everywhere(self, picture: Picture, known: Sequence[Face], at: float) -> list[Face]:
        found = self._whole(picture)
        if len(found) > len(known):
            self._stirred = STIRRED
        elif self._whole_at is not None and at - self._whole_at < WHOLE:
            self._stirred = min(self._stirred * _PATIENCE, WHOLE)
        self._surroundings.remember(picture)
        self._whole_at = self._found_at = at
        return found

    def _is_calm(self, tracks: Sequence[Track], at: float) -> bool:
        settled = all(track.confirmed and not track.missed for track in tracks)
        return settled and self._found_at is not None and 0.0 <= at - self._found_at < CALM

    def _quiet(self, picture: Picture, known: Sequence[Face], at: float) -> bool:
        since = at - self._whole_at if self._whole_at is not None else WHOLE
        if not 0.0 <= since < WHOLE:
            return False
        return bool(known and since < self._stirred) or not self._surroundings.stirred(picture, known)

    def _near(self, picture: Picture, known: Sequence[Face]) -> list[Face] | None:
        cutout = neighbourhood(known, picture.size, self._config.longer_side)
        return None if cutout is None else self._in(picture, cutout)

    def _whole(self, picture: Picture) -> list[Face]:
        if not picture.planar:
            return self._detector.detect(picture.image)
        scale = min(1.0, self._config.longer_side / max(picture.size))
        return self._in(picture, Cutout(0, 0, *picture.size, scale))

    def _in(self, picture: Picture, cutout: Cutout) -> list[Face]:
        return [placed(face, cutout) for face in self._detector.detect(picture.colour(cutout))]
