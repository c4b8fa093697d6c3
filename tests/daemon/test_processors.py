"""What the workers hand on: pipelines on fake engines and a scripted detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from daemon.fakes import heard, seen

from edge.config.models import CameraConfig, MicrophoneConfig
from edge.config.plans import CameraPlan, MicrophonePlan
from edge.daemon.inlets import Gathered
from edge.daemon.processors import FaceProcessor, Heard, Pictures, SpeechProcessor
from edge.perception.detector import Face, Framing
from edge.perception.face import FacePipeline
from edge.perception.observation import FaceObservation
from edge.vocabulary import AudioChunk, Frame

POINTS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
FACE = Face(250, 180, 120, 120, 0.9, POINTS * 120 + np.array([250, 180], np.float32))


class Detector:
    """Finds what it is told."""

    framing = Framing(1.13, -0.01)

    def __init__(self) -> None:
        self.faces: list[Face] = [FACE]

    def detect(self, image: object) -> list[Face]:
        return self.faces

    def close(self) -> None:
        pass


class Classifier:
    """Cannot tell one emotion from another."""

    backend = "onnx"
    model = "fake"
    closed = False

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        return np.full((len(batch), 7), 1 / 7)

    def close(self) -> None:
        self.closed = True


CAMERA = CameraPlan("", "camera", "camera", CameraConfig())
MICROPHONE = MicrophonePlan("", "microphone", "microphone", MicrophoneConfig(), "auto")


def picture(at: float) -> Pictures:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    return Gathered(((CAMERA, Frame(noise, at)),), (CAMERA,))


class OneCamera:
    """The pipeline of a single camera, as the processor takes it."""

    def __init__(self, detector: Detector, classifier: Any) -> None:
        config = CameraConfig()
        self.pipeline = FacePipeline(
            detector=detector, classifier=classifier, config=config, clock=lambda: 0.0
        )
        self.backend, self.model, self.close = self.pipeline.backend, "fake", self.pipeline.close

    def process(self, pictures: Any, cameras: object) -> list[tuple[CameraPlan, FaceObservation]]:
        return [(camera, self.pipeline.process(frame)) for camera, frame in pictures]

    def search(self) -> None:
        pass


def looking(detector: Detector, classifier: Any, emitted: list[FaceObservation]) -> FaceProcessor:
    return FaceProcessor(
        OneCamera(detector, classifier),
        emit=lambda seen: emitted.append(seen.observation),
        runs_on=lambda *_: None,
    )


def test_a_false_alarm_of_one_picture_is_nobody_and_a_face_that_stays_is_somebody() -> None:
    detector, emitted = Detector(), list[FaceObservation]()
    processor = looking(detector, Classifier(), emitted)
    processor.process(picture(1.0))
    assert [one.faces for one in emitted] == [0], "one detection confirms nobody"
    processor.process(picture(1.1))
    assert [one.faces for one in emitted] == [0, 1]
    assert [one.captured_at for one in emitted] == [1.0, 1.1]


def test_models_are_released_at_the_end() -> None:
    classifier = Classifier()
    with looking(Detector(), classifier, []):
        assert not classifier.closed
    assert classifier.closed


class Pipeline:
    """Says what it is told to, on a runtime that changes."""

    def __init__(self, *said: Any) -> None:
        self.said, self.backend, self.model = list(said), "tensorrt", "face"
        self.error: str | None = None

    def process(self, items: Any, devices: object) -> Any:
        self.backend = "onnx"
        said = self.said.pop(0)
        return [(items[0][0], one) for one in (said if isinstance(said, list) else [said])]

    def search(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_runtime_that_changes_is_told_and_so_is_a_fault() -> None:
    runtimes: list[str] = []
    pipeline = Pipeline(FaceObservation(1.0, error="scores are no numbers"), seen("happy", 2.0))
    processor = FaceProcessor(
        pipeline, emit=lambda _: None, runs_on=lambda backend, _: runtimes.append(backend)
    )
    processor.process(picture(1.0))
    assert (runtimes, processor.problem) == (["tensorrt", "onnx"], "scores are no numbers")
    processor.process(picture(2.0))
    assert processor.problem is None


def test_every_observation_of_a_stretch_of_sound_is_handed_on() -> None:
    emitted: list[Heard] = []
    said = [heard("happy", 1.0), heard("sad", 1.5)]
    pipeline = Pipeline([], said)
    processor = SpeechProcessor(pipeline, emit=emitted.append, runs_on=lambda *_: None)
    chunk = Gathered(((MICROPHONE, AudioChunk(np.zeros(1600, np.float32), 1.0)),), (MICROPHONE,))
    processor.process(chunk)
    assert emitted == []
    pipeline.error = "the window gave no number"
    processor.process(chunk)
    assert emitted == [Heard(MICROPHONE, one) for one in said]
    assert processor.problem == "the window gave no number"
