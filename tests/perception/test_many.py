"""Several cameras on one classifier, several microphones on one voice activity: nothing is loaded twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from perception.test_face import Scripted, at, room

from edge.config.models import CameraConfig, EnginesConfig, MicrophoneConfig
from edge.config.plans import CameraPlan, MicrophonePlan
from edge.errors import EngineError
from edge.inference.card import Card
from edge.inference.classifier import Classifier
from edge.perception import many
from edge.perception.face import FaceJudge
from edge.perception.lending import Lender
from edge.perception.many import ManyFaces, ManyVoices
from edge.perception.vad import Vad
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

HALL, DEN = (CameraPlan(name, "eye", f"camera {name}/eye", CameraConfig()) for name in ("hall", "den"))
PICTURE = room()


class Counting:
    """A face engine that keeps the sizes of its batches, and fails when told to."""

    name, backend = "counting", "onnx"

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.broken = False

    def infer(self, batch: Any) -> tuple[Any, ...]:
        self.batches.append(len(batch))
        if self.broken:
            raise EngineError("no power")
        return (np.zeros((len(batch), 7), np.float32),)

    def close(self) -> None:
        pass


@pytest.fixture
def engine() -> Counting:
    return Counting()


@pytest.fixture
def faces(engine: Counting, card: Card, monkeypatch: pytest.MonkeyPatch) -> ManyFaces:
    """Each camera has a detector that finds two faces."""
    monkeypatch.setattr(many, "open_detector", lambda *_, **__: Scripted(at(100, 100), at(350, 200)))
    judge = FaceJudge(Classifier(engine, card))  # type: ignore[arg-type]
    return ManyFaces(EnginesConfig(), judge, lambda: 0.0)


def look(faces: ManyFaces, *cameras: CameraPlan, now: float) -> list[int]:
    frames = [(camera, Frame(PICTURE, now)) for camera in cameras]
    seen = [seen.faces for _, seen in faces.process(frames, cameras)]
    faces.search()
    return seen


def test_all_faces_of_all_cameras_are_judged_in_one_call(faces: ManyFaces, engine: Counting) -> None:
    assert look(faces, HALL, DEN, now=0.0) == [0, 0]
    assert look(faces, HALL, DEN, now=0.1) == [0, 0], "found and confirmed after they were told"
    assert look(faces, HALL, DEN, now=0.2) == [2, 2]
    assert engine.batches == [4]
    found = faces.process([(DEN, Frame(PICTURE, 0.3))], (HALL, DEN))
    ((camera, seen),) = found
    assert (camera, len(seen.readings)) == (DEN, 2)


def test_more_faces_than_a_batch_holds_take_two(faces: ManyFaces, engine: Counting) -> None:
    cameras = [CameraPlan(f"room{n}", "eye", "camera", CameraConfig()) for n in range(5)]
    for now in (0.0, 0.1, 0.2):
        look(faces, *cameras, now=now)
    assert engine.batches == [8, 2]


def test_each_camera_follows_its_own_faces_and_one_that_is_gone_is_forgotten(faces: ManyFaces) -> None:
    for now in (0.0, 0.1, 0.2):
        look(faces, HALL, DEN, now=now)
    look(faces, DEN, now=0.3)
    assert look(faces, HALL, DEN, now=0.4) == [0, 2], "the hall begins anew, with nobody confirmed"


def test_a_single_failure_is_told_for_every_camera_with_faces_to_judge(
    faces: ManyFaces, engine: Counting
) -> None:
    for now in (0.0, 0.1):
        look(faces, HALL, DEN, now=now)
    engine.broken = True
    found = faces.process([(HALL, Frame(PICTURE, 0.2)), (DEN, Frame(PICTURE, 0.2))], (HALL, DEN))
    assert [seen.error for _, seen in found] == ["no power", "no power"]


def test_an_engine_is_lent_to_detectors_of_one_model_and_closed_once() -> None:
    closed: list[str] = []

    class Engine:
        name = "centerface"

        def __init__(self, backend: str) -> None:
            self.backend = backend

        def close(self) -> None:
            closed.append(self.backend)

    lender, made = Lender(), list[Any]()

    def engine(backend: str) -> Callable[[], Any]:
        def make() -> Any:
            made.append(Engine(backend))
            return made[-1]

        return make

    for size in ((320, 256), (320, 192)):
        lender.engine("onnx", size, engine("onnx")).close()
        lender.engine("tensorrt", size, engine("tensorrt")).close()
    assert [one.backend for one in made] == ["onnx", "tensorrt", "tensorrt"], "a plan has one size"
    assert closed == []
    lender.close()
    assert len(closed) == 3


def test_two_microphones_share_a_model_and_not_their_memory() -> None:
    vad = Vad.open(EnginesConfig())
    one, other = vad.another(), vad.another()
    tone = np.sin(np.arange(20 * 512) * 0.05).astype(np.float32).reshape(-1, 512)
    before = other.probability(tone[0])
    other.reset()
    for frame in tone:
        one.probability(frame)
    assert other.probability(tone[0]) == before
    assert one._session is other._session


def test_sound_of_two_microphones_is_heard_apart(card: Card) -> None:
    class Mute:
        backend = "onnx"

        def close(self) -> None:
            pass

    ears = [MicrophonePlan(name, "ear", name, MicrophoneConfig(), "") for name in ("hall", "den")]
    voices = ManyVoices(Vad.open(EnginesConfig()), Mute(), lambda: 0.0)  # type: ignore[arg-type]
    silence = AudioChunk(np.zeros(SAMPLE_RATE, np.float32), 1.0)
    assert voices.process([(ear, silence) for ear in ears], ears) == []
    assert len(voices._ears) == 2
    voices.process([(ears[0], silence)], ears[:1])
    assert len(voices._ears) == 1
    voices.close()
