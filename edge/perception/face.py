"""From pictures to readings: detect, follow, judge, crop, classify."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import numpy as np
from typing_extensions import Self

from edge.config.models import CameraConfig, Config
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.engine import Backend
from edge.inference.onnx import MAX_BATCH
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
from edge.perception.tracker import HITS, SubjectChooser, Track, Tracker
from edge.vocabulary import Box, Frame, Probabilities, Reading

UNSEEN = "not seen by the detector"


class FacePipeline:
    """Face worker's whole work on a picture. Made, used and closed by one thread.

    `confirm` is the number of detections before a face is judged: 1 for a single still.
    """

    def __init__(
        self,
        *,
        detector: Detector,
        classifier: Classifier,
        config: CameraConfig,
        clock: Callable[[], float],
        confirm: int = HITS,
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
        self._since_detection = config.detector.every

    @classmethod
    def open(cls, config: Config, *, clock: Callable[[], float], confirm: int = HITS) -> Self:
        """Detector and classifier as configured. Raises ModelError and EngineError."""
        detector = open_detector(config.camera, engines=config.engines)
        try:
            classifier = Classifier.open("face", config=config.engines, item=FACE_ITEM)
        except EdgeError:
            detector.close()
            raise
        return cls(
            detector=detector, classifier=classifier, config=config.camera, clock=clock, confirm=confirm
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
        self._track(image)
        tracks = self._tracker.tracks
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
        scores = self._faults.guard(lambda: self._classify([crops[index] for index in good])) if good else []
        if scores is None:
            return FaceObservation(at, faces=faces, detected=seen, error=self._faults.newest)
        late = max(0.0, self._clock() - at)
        readings = tuple(
            _reading(seen[index], row, at, late) for index, row in zip(good, scores, strict=True)
        )
        chosen = next((reading for reading in readings if reading.track == subject), None)
        return FaceObservation(at, readings, chosen, faces, seen)

    def begin(self) -> None:
        """Another scene: whoever is seen from here on is somebody else."""
        self._tracker.forget()
        self._flow.forget()
        self._since_detection = self._config.detector.every

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

    def _track(self, image: Image) -> None:
        self._since_detection += 1
        tracks = self._tracker.tracks
        if tracks:
            self._tracker.move(self._flow.follow(image, [track.face for track in tracks]))
        if self._since_detection >= self._config.detector.every or self._tracker.unsettled:
            self._since_detection = 0
            self._tracker.update(self._detector.detect(image))
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
