"""From pictures to readings: detect, follow, judge, crop, classify."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

import numpy as np
from typing_extensions import Self

from edge.config.models import CameraConfig, Config
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.engine import Backend
from edge.inference.onnx import MAX_BATCH
from edge.perception.attention import Attention
from edge.perception.crop import crop_face
from edge.perception.detector import Detector, Face
from edge.perception.face_input import face_input
from edge.perception.faults import Faults
from edge.perception.flow import Flow
from edge.perception.inputs import FACE_ITEM
from edge.perception.mouth import MouthMotion
from edge.perception.observation import FaceObservation, FaceSighting
from edge.perception.open import open_detector
from edge.perception.pixels import Image, as_bgr
from edge.perception.quality import Quality, assess
from edge.perception.region import Region
from edge.perception.search import Search
from edge.perception.stills import Stills
from edge.perception.tracker import HITS, SubjectChooser, Track, Tracker
from edge.vocabulary import Box, Frame, Probabilities, Reading


class _Fit(NamedTuple):
    """A face good enough to be judged."""

    track: int
    crop: Image
    quality: float


UNSEEN = "not seen by the detector"


class FacePipeline:
    """Face worker's whole work on a picture. Made, used and closed by one thread.

    `confirm` is the number of detections before a face is judged: 1 for a single still. `thrift` does the
    same with less: a face is judged when it changed and four times a second, its last scores hold in between;
    faces are searched where they were, and still pictures are not looked at again.
    """

    def __init__(
        self,
        *,
        detector: Detector,
        classifier: Classifier,
        config: CameraConfig,
        clock: Callable[[], float],
        confirm: int = HITS,
        thrift: bool = False,
    ) -> None:
        self._detector = detector
        self._classifier = classifier
        self._config = config
        self._clock = clock
        self._region = Region.configured(config.region)
        self._tracker = Tracker(confirm=confirm)
        self._chooser = SubjectChooser()
        self._flow = Flow()
        self._mouths = MouthMotion()
        self._faults = Faults("face")
        self._search = Search(detector, config.detector, thrift=thrift)
        self._attention = Attention()
        self._stills = Stills()
        self._thrift = thrift

    @classmethod
    def open(
        cls, config: Config, *, clock: Callable[[], float], confirm: int = HITS, thrift: bool = False
    ) -> Self:
        """Detector and classifier as configured. Raises ModelError and EngineError."""
        detector = open_detector(config.camera, engines=config.engines)
        try:
            classifier = Classifier.open("face", config=config.engines, item=FACE_ITEM)
        except EdgeError:
            detector.close()
            raise
        return cls(
            detector=detector,
            classifier=classifier,
            config=config.camera,
            clock=clock,
            confirm=confirm,
            thrift=thrift,
        )

    @property
    def backend(self) -> Backend:
        """Which runtime executes the face model now."""
        return self._classifier.backend

    def process(self, frame: Frame, *, judge: bool = True) -> FaceObservation:
        """Faces and readings of one picture; a picture without a face gives none.

        Without `judge` the faces are only followed and counted.
        Raises EngineError when the detector fails, or the classifier again and again.
        """
        image = as_bgr(self._region.cut(frame.image))
        still = self._thrift and self._stills.repeats(image)
        self._track(image, frame.captured_at, still)
        tracks = self._tracker.tracks
        self._attention.keep_only({track.id for track in tracks})
        at, faces = frame.captured_at, sum(track.confirmed for track in tracks)
        if not (tracks and judge):
            return FaceObservation(at, faces=faces)
        picture = image.shape[1], image.shape[0]
        subject = self._chooser.choose(tracks, picture)
        crops = [crop_face(image, track.face, self._detector.framing) for track in tracks]
        judged = [self._judge(track, crop, picture) for track, crop in zip(tracks, crops, strict=True)]
        steady = {t.id: crop for t, crop in zip(tracks, crops, strict=True) if _steady(t)}
        mouths = self._mouths.measure(steady)
        seen = tuple(
            self._region.placed(sighting(track, quality, picture, mouths.get(track.id)))
            for track, quality in zip(tracks, judged, strict=True)
        )
        fit = (index for index, quality in enumerate(judged) if quality.ok)
        good = sorted(fit, key=lambda index: tracks[index].id != subject)[:MAX_BATCH]
        fit_to_read = [_Fit(tracks[index].id, crops[index], judged[index].value) for index in good]
        if not self._read(fit_to_read, at, still):
            return FaceObservation(at, faces=faces, detected=seen, error=self._faults.newest)
        late = max(0.0, self._clock() - at)
        readings = tuple(
            _reading(seen[index], self._attention.scores(tracks[index].id), at, late) for index in good
        )
        chosen = next((reading for reading in readings if reading.track == subject), None)
        return FaceObservation(at, readings, chosen, faces, seen)

    def begin(self) -> None:
        """Another scene: whoever is seen from here on is somebody else."""
        self._tracker.forget()
        self._flow.forget()
        self._search.begin()

    def close(self) -> None:
        """Release detector and classifier."""
        self._detector.close()
        self._classifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _track(self, image: Image, at: float, still: bool) -> None:
        tracks = self._tracker.tracks
        if tracks and not still:
            self._tracker.move(self._flow.follow(image, [track.face for track in tracks]))
        if self._search.due(unsettled=self._tracker.unsettled, still=still):
            found = self._search.find(image, tracks, at)
            if found is not None:
                self._tracker.update(found)
            if not tracks and self._tracker.tracks:
                self._flow.follow(image, [])
        if not self._tracker.tracks:
            self._flow.forget()

    def _judge(self, track: Track, crop: Image, picture: tuple[int, int]) -> Quality:
        if not track.confirmed:
            return Quality(0.0, ("not confirmed yet",))
        if track.missed or not track.followed:
            return Quality(0.0, (UNSEEN,))
        return assess(track.face, crop, picture, self._config.quality)

    def _read(self, faces: list[_Fit], at: float, still: bool) -> bool:
        """Judge those that are due; whether all have scores afterwards."""
        if self._thrift:
            faces = [face for face in faces if self._attention.due(*face, at, still=still)]
        scores = self._faults.guard(lambda: self._classify([face.crop for face in faces])) if faces else []
        if scores is None:
            return False
        for face, row in zip(faces, scores, strict=True):
            self._attention.judged(*face, at, row)
        return True

    def _classify(self, crops: list[Image]) -> list[Probabilities]:
        return list(self._classifier.probabilities(face_input(np.stack(crops))))


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


def _reading(seen: FaceSighting, scores: Probabilities, at: float, late: float) -> Reading:
    return Reading("face", scores, seen.quality, at, late, seen.box, seen.track)
