"""What each step from a picture or a stretch of sound to a published mood costs on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

import numpy as np

from edge.bench.crowd import crowd, moving
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.config.plans import CameraPlan
from edge.inference.classifier import Classifier
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.mood.room import RoomMood
from edge.perception.crop import crop_face
from edge.perception.detector import Detector
from edge.perception.face_input import face_batch
from edge.perception.features import speech_features
from edge.perception.flow import Flow
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM
from edge.perception.many import ManyFaces
from edge.perception.observation import FaceObservation
from edge.perception.open import open_detector
from edge.perception.picture import Picture
from edge.perception.pixels import Image
from edge.perception.quality import assess
from edge.perception.vad import FRAME, Vad
from edge.samples import sample_clip
from edge.vocabulary import SAMPLE_RATE, Frame

__all__ = ["Stage", "stages"]

_LEAST: Final = 5
_WINDOW_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: CPU milliseconds of a call in the median, and calls a second in a running daemon."""

    name: str
    ms: float
    per_second: float

    @property
    def core_percent(self) -> float:
        """Share of one core."""
        return round(self.ms * self.per_second / 10, 2)


def stages(config: Config, *, faces: int, seconds: float) -> list[Stage]:
    """Every step, alone, with so many faces in pictures of `camera.width` x `camera.height`.

    `seconds` is the time for each. Raises ModelError and EngineError when the models cannot be used.
    """
    return [*_of_pictures(config, faces, seconds), *_of_sound(config, seconds)]


def _of_pictures(config: Config, faces: int, seconds: float) -> Iterator[Stage]:
    camera = config.camera
    yield Stage("decode (sample clip)", _decoding(), camera.fps)
    with closing(open_detector(camera, engines=config.engines)) as detector:
        picture = crowd(faces, (camera.width, camera.height), detector)
        yield from _seeing(config, detector, picture, seconds)
    with Classifier.open("face", config=config.engines, item=FACE_ITEM) as classifier:
        batch = np.zeros((faces, 48, 48), np.uint8)
        batch[:, ::2] = 200
        judge = _median(lambda: classifier.probabilities(face_batch(batch, classifier.card)), seconds)
        yield Stage("judge all faces", judge, camera.fps * (1 - 1 / camera.detector.every))
    yield from _whole(config, picture, seconds)


def _seeing(config: Config, detector: Detector, picture: Image, seconds: float) -> Iterator[Stage]:
    camera, size = config.camera, (picture.shape[1], picture.shape[0])
    found = detector.detect(picture)
    yield Stage("detect in the whole", _median(lambda: detector.detect(picture), seconds), 1.0)
    flow, steps = Flow(), moving(picture)
    yield Stage(
        "track all faces", _median(lambda: flow.follow(Picture(next(steps)), found), seconds), camera.fps
    )

    def crop_all() -> None:
        for face in found:
            assess(face, crop_face(picture, face, detector.framing), size, camera.quality)

    yield Stage("crop all faces", _median(crop_all, seconds), camera.fps)


def _whole(config: Config, picture: Image, seconds: float) -> Iterator[Stage]:
    """A picture from the camera to what is known of it, as the daemon works; and the mood made of that."""
    fps = config.camera.fps
    parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
    room = RoomMood(config=config, parameters=parameters, now=0.0)
    numbers, steps = count(), moving(picture)
    camera = CameraPlan("", "camera", "camera", config.camera)
    with closing(ManyFaces.open(config.engines, [camera], clock=lambda: 0.0)) as faces:

        def look() -> FaceObservation:
            frame = Frame(next(steps), next(numbers) / fps)
            return faces.process([(camera, frame)], [camera])[0][1]

        told, whole = _told_and_whole(look, faces.search, max(seconds, 4.0))
        yield Stage("a picture, all of this", round(float(np.mean(whole)), 3), fps)
        yield Stage("… of it before it is told", round(float(np.median(told)), 3), fps)
        yield Stage("… of one in a hundred", round(float(np.percentile(told, 99)), 3), fps / 100)
        seen = look()

    def fuse() -> None:
        at = next(numbers) / fps
        readings = tuple(replace(one, captured_at=at) for one in seen.readings)
        room.see(replace(seen, captured_at=at, readings=readings), at)

    yield Stage("fuse", _median(fuse, seconds), fps)
    yield Stage("publish", _median(lambda: json.dumps(_told(room)), seconds), 1.0)


def _told(room: RoomMood) -> dict[str, Any]:
    mood = room.mood
    return {"emotion": mood.emotion, "confidence": mood.confidence, "scores": room.probabilities.tolist()}


def _of_sound(config: Config, seconds: float) -> Iterator[Stage]:
    noise = np.random.default_rng(0).normal(0, 0.05, _WINDOW_SECONDS * SAMPLE_RATE).astype(np.float32)
    with Vad.open(config.engines) as vad:
        frames = noise[: 2 * FRAME].reshape(2, FRAME)
        yield Stage("voice activity", _median(lambda: vad.probabilities(frames), seconds), 15.6)
    hop = 1 / config.microphone.vad.hop
    yield Stage("features of a window", _median(lambda: speech_features(noise), seconds), hop)
    features = speech_features(noise)[np.newaxis]
    with Classifier.open("speech", config=config.engines, item=SPEECH_ITEM) as classifier:
        yield Stage("judge a window", _median(lambda: classifier.probabilities(features), seconds), hop)


def _decoding() -> float:
    """Milliseconds of a picture of the sample clip, from its file."""
    before = time.process_time()
    pictures = sum(1 for _ in MediaFile(sample_clip()).frames())
    return round(1000 * (time.process_time() - before) / pictures, 3)


def _median(work: Callable[[], object], seconds: float) -> float:
    return round(float(np.median(_times(work, seconds))), 3)


def _told_and_whole(
    tell: Callable[[], object], rest: Callable[[], object], seconds: float
) -> tuple[Sequence[float], Sequence[float]]:
    """CPU milliseconds of each picture until it is told, and with what is done for the next ones."""
    told: list[float] = []

    def both() -> None:
        before = time.process_time()
        tell()
        told.append(1000 * (time.process_time() - before))
        rest()

    whole = _times(both, seconds)
    return told[1:], whole


def _times(work: Callable[[], object], seconds: float) -> Sequence[float]:
    """CPU milliseconds of each call, all threads; the first one warms up."""
    work()
    times: list[float] = []
    until = time.process_time() + seconds
    while len(times) < _LEAST or time.process_time() < until:
        before = time.process_time()
        work()
        times.append(1000 * (time.process_time() - before))
    return times
