"""From pictures to readings: detect, follow, judge, crop, classify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from typing_extensions import Self

from edge.config.models import CameraConfig, Config
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.closing import Closing
from edge.inference.engine import Backend
from edge.inference.onnx import MAX_BATCH
from edge.perception.detector import Detector
from edge.perception.face_input import face_batch
from edge.perception.faults import Faults
from edge.perception.head import HeadModel
from edge.perception.inputs import FACE_ITEM
from edge.perception.observation import FaceObservation
from edge.perception.open import open_detector
from edge.perception.sight import FitFace, Looked, Sight
from edge.perception.tracker import HITS
from edge.vocabulary import Frame, Probabilities

__all__ = ["FaceJudge", "FacePipeline"]


class FaceJudge:
    """The face classifier and its single failures. Made, used and closed by one thread."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier: Final = classifier
        self._faults = Faults("face")

    def conclude(self, looks: Sequence[tuple[Sight, Looked]]) -> list[FaceObservation]:
        """Judge all faces that are due in one go, and conclude each look.

        Raises EngineError when the classifier fails again and again.
        """
        due = [face for _, look in looks for face in look.due]
        scores = self._faults.guard(lambda: self._classify(due)) if due else []
        observations, at = [], 0
        for sight, look in looks:
            failed = scores is None and len(look.due) > 0
            own = None if failed else (scores or [])[at : at + len(look.due)]
            at += len(look.due)
            observations.append(sight.conclude(look, own, self._faults.newest if failed else None))
        return observations

    def close(self) -> None:
        """Release the classifier."""
        self.classifier.close()

    def _classify(self, faces: Sequence[FitFace]) -> list[Probabilities]:
        scores: list[Probabilities] = []
        for at in range(0, len(faces), MAX_BATCH):
            crops = [face.crop for face in faces[at : at + MAX_BATCH]]
            batch = face_batch(np.stack(crops), self.classifier.card)
            scores += list(self.classifier.probabilities(batch))
        return scores


class FacePipeline(Closing):
    """The whole work on the pictures of one camera or file. Made, used and closed by one thread.

    `confirm` is the number of detections before a face is judged: 1 for a single still. `thrift` does the
    same with less, see `Sight`.
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
        head: HeadModel | None = None,
    ) -> None:
        self._detector, self._head = detector, head
        self._judge = FaceJudge(classifier)
        self._sight = Sight(
            detector=detector, config=config, clock=clock, confirm=confirm, thrift=thrift, head=head
        )

    @classmethod
    def open(
        cls, config: Config, *, clock: Callable[[], float], confirm: int = HITS, thrift: bool = False
    ) -> Self:
        """Detector and classifier as configured. Raises ModelError and EngineError."""
        detector = open_detector(config.camera, engines=config.engines)
        try:
            head = HeadModel.open(config.engines)
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
            head=head,
        )

    @property
    def backend(self) -> Backend:
        """Which runtime executes the face model now."""
        return self._judge.classifier.backend

    def process(self, frame: Frame, *, judge: bool = True) -> FaceObservation:
        """Faces and readings of one picture; a picture without a face gives none.

        Without `judge` the faces are only followed and counted.
        Raises EngineError when the detector fails, or the classifier again and again.
        """
        looked = self._sight.look(frame, judge=judge)
        return self._judge.conclude([(self._sight, looked)])[0]

    def begin(self) -> None:
        """Another scene: whoever is seen from here on is somebody else."""
        self._sight.begin()

    def close(self) -> None:
        """Release detector and classifier."""
        self._detector.close()
        self._judge.close()
        if self._head is not None:
            self._head.close()
