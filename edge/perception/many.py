"""Several cameras on one face model, several microphones on one speech model: nothing is loaded twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import cv2
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.config.plans import CameraPlan, MicrophonePlan
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.engine import Backend
from edge.perception.face import FaceJudge
from edge.perception.head import HeadModel
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM
from edge.perception.lending import Lender
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.open import open_detector
from edge.perception.sight import Sight
from edge.perception.speech import SpeechPipeline
from edge.perception.vad import Vad
from edge.vocabulary import AudioChunk, Frame

__all__ = ["ManyFaces", "ManyVoices"]


class ManyFaces:
    """Pictures of several cameras, each followed on its own, all faces judged in one call of the engine.

    Made, used and closed by one thread.
    """

    def __init__(
        self,
        engines: EnginesConfig,
        judge: FaceJudge,
        clock: Callable[[], float],
        head: HeadModel | None = None,
    ) -> None:
        self._engines, self._judge, self._clock, self._head = engines, judge, clock, head
        self._lender = Lender()
        self._sights: dict[CameraPlan, Sight] = {}
        self._looked: Sequence[Sight] = ()

    @classmethod
    def open(
        cls, engines: EnginesConfig, cameras: Collection[CameraPlan], *, clock: Callable[[], float]
    ) -> Self:
        """Detectors and classifier as configured. Raises ModelError and EngineError."""
        head = HeadModel.open(engines)
        made = cls(engines, FaceJudge(Classifier.open("face", config=engines, item=FACE_ITEM)), clock, head)
        try:
            for camera in cameras:
                made._sight(camera)
        except EdgeError:
            made.close()
            raise
        return made

    @property
    def backend(self) -> Backend:
        """Which runtime executes the face model now."""
        return self._judge.classifier.backend

    @property
    def model(self) -> str:
        """Name of the face model in use."""
        return self._judge.classifier.card.name

    def process(
        self, pictures: Sequence[tuple[CameraPlan, Frame]], cameras: Collection[CameraPlan]
    ) -> list[tuple[CameraPlan, FaceObservation]]:
        """What is seen in each picture; nothing is kept of cameras that are not among `cameras` any more.

        Call `search` when it has been told. Raises EngineError when the classifier fails again and again.
        """
        for gone in self._sights.keys() - set(cameras):
            del self._sights[gone]
        sights = [self._sight(camera) for camera, _ in pictures]
        looks = [(sight, sight.look(frame)) for sight, (_, frame) in zip(sights, pictures, strict=True)]
        self._looked = sights
        seen = self._judge.conclude(looks)
        return [(camera, one) for (camera, _), one in zip(pictures, seen, strict=True)]

    def search(self) -> None:
        """Look for faces in these pictures, for the sake of the next ones. Raises EngineError."""
        for sight in self._looked:
            sight.search()

    def close(self) -> None:
        """Release detectors and classifier."""
        self._looked = ()
        self._sights.clear()
        self._lender.close()
        self._judge.close()
        if self._head is not None:
            self._head.close()

    def _sight(self, camera: CameraPlan) -> Sight:
        if camera not in self._sights:
            detector = open_detector(camera.config, engines=self._engines, lender=self._lender)
            self._sights[camera] = Sight(
                detector=detector,
                config=camera.config,
                clock=self._clock,
                thrift=True,
                head=self._head,
                later=True,
            )
        return self._sights[camera]


class ManyVoices:
    """Sound of several microphones, each with its own windows. Made, used and closed by one thread."""

    def __init__(self, vad: Vad, classifier: Classifier, clock: Callable[[], float]) -> None:
        self._vad, self._classifier, self._clock = vad, classifier, clock
        self._ears: dict[MicrophonePlan, SpeechPipeline] = {}

    @classmethod
    def open(cls, engines: EnginesConfig, *, clock: Callable[[], float]) -> Self:
        """Voice activity detection and classifier as configured. Raises ModelError and EngineError."""
        # OpenCV's transform would otherwise start a thread a core for a millisecond of work.
        cv2.setNumThreads(engines.threads)
        vad = Vad.open(engines)
        try:
            return cls(vad, Classifier.open("speech", config=engines, item=SPEECH_ITEM), clock)
        except EdgeError:
            vad.close()
            raise

    @property
    def backend(self) -> Backend:
        """Which runtime executes the speech model now."""
        return self._classifier.backend

    @property
    def model(self) -> str:
        """Name of the speech model in use."""
        return self._classifier.card.name

    @property
    def error(self) -> str | None:
        """Why a newest window gave no reading, None when all is well."""
        return next((ear.error for ear in self._ears.values() if ear.error is not None), None)

    def process(
        self, sounds: Sequence[tuple[MicrophonePlan, AudioChunk]], microphones: Collection[MicrophonePlan]
    ) -> list[tuple[MicrophonePlan, SpeechObservation]]:
        """What is heard in each stretch of sound; nothing is kept of microphones that are gone.

        Raises EngineError when the VAD fails, or the classifier again and again.
        """
        for gone in self._ears.keys() - set(microphones):
            del self._ears[gone]
        return [(mic, heard) for mic, chunk in sounds for heard in self._ear(mic).process(chunk)]

    def close(self) -> None:
        """Release both models."""
        self._ears.clear()
        self._vad.close()
        self._classifier.close()

    def _ear(self, microphone: MicrophonePlan) -> SpeechPipeline:
        if microphone not in self._ears:
            self._ears[microphone] = SpeechPipeline(
                vad=self._vad.another(),
                classifier=self._classifier,
                config=microphone.config,
                clock=self._clock,
            )
        return self._ears[microphone]
