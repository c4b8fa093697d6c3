"""What is known of one camera's picture from frame to frame: faces found, followed, and fit to be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from edge.config.models import CameraConfig
from edge.inference.onnx import MAX_BATCH
from edge.perception.attention import Attention
from edge.perception.crop import crop_face
from edge.perception.detector import Detector, Face
from edge.perception.flow import Flow
from edge.perception.head import Bowed, Lowered, may_come_of_pose
from edge.perception.mouth import MouthMotion
from edge.perception.observation import FaceObservation, FaceSighting
from edge.perception.picture import Picture
from edge.perception.pixels import Image
from edge.perception.quality import Quality, assess
from edge.perception.region import Region
from edge.perception.search import Search
from edge.perception.stills import Stills
from edge.perception.tracker import HITS, SubjectChooser, Track, Tracker
from edge.vocabulary import Box, Frame, Probabilities, Reading

__all__ = ["LOOKS_DOWN", "UNSEEN", "FitFace", "Looked", "Sight", "normalised", "sighting", "told"]

UNSEEN: Final = "not seen by the detector"
LOOKS_DOWN: Final = "looking down"


class FitFace(NamedTuple):
    """A face good enough to be judged."""

    track: int
    crop: Image
    quality: float


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A picture that was looked at: every face, which of them count, the subject's first, and which are due.

    `due` are those to be judged anew; the others that count keep their scores. `bowed` are the tracks of
    those who look down.
    """

    at: float
    faces: int
    seen: tuple[FaceSighting, ...] = ()
    counting: tuple[int, ...] = ()
    subject: int | None = None
    due: Sequence[FitFace] = ()
    bowed: frozenset[int] = frozenset()


class Sight:
    """One camera's part of the work on faces; used by one thread. What `look` found due is judged elsewhere.

    `confirm` is the number of detections before a face is judged. `thrift` does the same with less: a face is
    due when it changed and four times a second, faces are searched where they were, and still pictures are
    not looked at again. `choose` False leaves the choice to the caller: all are due that count, and all count
    that are fit, not only as many as one batch takes. Without `head` nobody is known to look down. No look
    waits for the detector with `later`: call `search` when all has been told, for the pictures to come.
    """

    def __init__(
        self,
        *,
        detector: Detector,
        config: CameraConfig,
        clock: Callable[[], float],
        confirm: int = HITS,
        thrift: bool = False,
        choose: bool = True,
        head: Lowered | None = None,
        later: bool = False,
    ) -> None:
        self._framing = detector.framing
        self._config = config
        self._clock = clock
        self._region = Region.configured(config.region)
        self._tracker = Tracker(confirm=confirm)
        self._chooser = SubjectChooser()
        self._flow = Flow()
        self._mouths = MouthMotion()
        self._search = Search(detector, config.detector, thrift=thrift)
        self._attention = Attention()
        self._stills = Stills()
        self._later, self._searched = later, False
        self._unsearched: tuple[Picture, float, bool] | None = None
        limit = config.quality.max_lowered
        self._bowed = Bowed(head, limit) if head is not None and limit < 1 else None
        self._thrift, self._choose = thrift, choose and thrift
        self._most = MAX_BATCH if choose else None

    def look(self, frame: Frame, *, judge: bool = True) -> Looked:
        """Find and follow the faces of a picture. Without `judge` they are only followed and counted.

        Raises EngineError when the detector fails.
        """
        picture = self._region.cut(Picture.of(frame))
        still = self._thrift and self._stills.repeats(picture.image)
        self._follow(picture, still)
        self._unsearched = picture, frame.captured_at, still
        if not self._later:
            self.search()
        tracks = self._tracker.tracks
        known = {track.id for track in tracks}
        self._attention.keep_only(known)
        if self._bowed is not None:
            self._bowed.keep_only(known)
        at, faces = frame.captured_at, sum(track.confirmed for track in tracks)
        if not (tracks and judge):
            return Looked(at, faces)
        subject = self._chooser.choose(tracks, picture.size)
        crops = [picture.levelled(crop_face(picture.plane, track.face, self._framing)) for track in tracks]
        judged = [self._judge(track, crop, picture.size) for track, crop in zip(tracks, crops, strict=True)]
        steady = {t.id: crop for t, crop in zip(tracks, crops, strict=True) if _steady(t)}
        mouths = self._mouths.measure(steady)
        seen = tuple(
            self._region.placed(sighting(track, quality, picture.size, mouths.get(track.id)))
            for track, quality in zip(tracks, judged, strict=True)
        )
        fit = (index for index, quality in enumerate(judged) if quality.ok)
        good = tuple(sorted(fit, key=lambda index: tracks[index].id != subject)[: self._most])
        due = [FitFace(tracks[index].id, crops[index], judged[index].value) for index in good]
        if self._choose:
            busy = self._searched and not self._later
            due = [face for face in due if self._attention.due(*face, at, still=still, busy=busy)]
        return Looked(at, faces, seen, good, subject, due, self._lowered(tracks, crops, judged, at))

    def search(self) -> None:
        """Find faces in the picture looked at last, if that is due. Raises EngineError when that fails."""
        if self._unsearched is None:
            return
        (picture, at, still), self._unsearched = self._unsearched, None
        tracks, self._searched = self._tracker.tracks, False
        if self._search.due(unsettled=self._tracker.unsettled, still=still):
            found = self._search.find(picture, tracks, at)
            self._searched = found is not None
            if found is not None:
                self._tracker.update(found)
            if not tracks and self._tracker.tracks:
                self._flow.follow(picture, [])
        if not self._tracker.tracks:
            self._flow.forget()

    def conclude(
        self, looked: Looked, scores: Sequence[Probabilities] | None, error: str | None = None
    ) -> FaceObservation:
        """What became of a look: the scores of those that were due, None where `error` kept them away."""
        if scores is None:
            return FaceObservation(looked.at, faces=looked.faces, detected=looked.seen, error=error)
        for face, row in zip(looked.due, scores, strict=True):
            self._attention.judged(*face, looked.at, row)
        return told(looked, self._attention.scores, late=max(0.0, self._clock() - looked.at))

    def begin(self) -> None:
        """Another scene: whoever is seen from here on is somebody else."""
        self._tracker.forget()
        self._flow.forget()
        self._search.begin()
        self._unsearched = None

    def _follow(self, picture: Picture, still: bool) -> None:
        tracks = self._tracker.tracks
        if tracks and not still:
            self._tracker.move(self._flow.follow(picture, [track.face for track in tracks]))

    def _lowered(
        self, tracks: Sequence[Track], crops: Sequence[Image], judged: Sequence[Quality], at: float
    ) -> frozenset[int]:
        if self._bowed is None:
            return frozenset()
        fit = {t.id: crop for t, crop, quality in zip(tracks, crops, judged, strict=True) if quality.ok}
        return self._bowed.look(fit, at)

    def _judge(self, track: Track, crop: Image, picture: tuple[int, int]) -> Quality:
        if not track.confirmed:
            return Quality(0.0, ("not confirmed yet",))
        if track.missed or not track.followed:
            return Quality(0.0, (UNSEEN,))
        return assess(track.face, crop, picture, self._config.quality)


def told(looked: Looked, scores: Callable[[int], Probabilities], *, late: float = 0.0) -> FaceObservation:
    """The look with the scores of each track that counts; `late` is the time since then in seconds.

    Somebody who looks down is not judged where the answer may come of the pose.
    """
    counting = {looked.seen[index].track for index in looked.counting}
    excused = {track for track in looked.bowed & counting if may_come_of_pose(scores(track))}
    if excused:
        looked = _without(looked, excused)
    readings = tuple(
        Reading("face", scores(seen.track), seen.quality, looked.at, late, seen.box, seen.track)
        for seen in (looked.seen[index] for index in looked.counting)
    )
    chosen = next((reading for reading in readings if reading.track == looked.subject), None)
    return FaceObservation(looked.at, readings, chosen, looked.faces, looked.seen)


def _without(looked: Looked, excused: Collection[int]) -> Looked:
    seen = tuple(
        replace(one, quality=0.0, reasons=(LOOKS_DOWN,)) if one.track in excused else one
        for one in looked.seen
    )
    counting = tuple(index for index in looked.counting if looked.seen[index].track not in excused)
    return replace(looked, seen=seen, counting=counting)


def _steady(track: Track) -> bool:
    return track.confirmed and track.followed and not track.missed


def sighting(
    track: Track, quality: Quality, picture: tuple[int, int], mouth: float | None = None
) -> FaceSighting:
    """The track as others see it, its box normalised to the picture and cut at its border."""
    box = normalised(track.face, picture)
    score = track.face.score
    return FaceSighting(track.id, box, score, quality.value, quality.reasons, track.confirmed, mouth)


def normalised(face: Face, picture: tuple[int, int]) -> Box:
    """x, y, w, h in shares of the picture's width and height, within 0..1."""
    width, height = picture
    x1, x2 = (min(1.0, max(0.0, x / width)) for x in (face.x, face.x + face.w))
    y1, y2 = (min(1.0, max(0.0, y / height)) for y in (face.y, face.y + face.h))
    return x1, y1, x2 - x1, y2 - y1
