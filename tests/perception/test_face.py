import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.config.models import CameraConfig, DetectorConfig, EnginesConfig
from edge.errors import EngineError
from edge.inference.card import Card
from edge.inference.classifier import Classifier
from edge.perception.detector import Face, Framing
from edge.perception.face import FacePipeline
from edge.perception.observation import FaceObservation
from edge.perception.open import open_detector
from edge.perception.pixels import Image
from edge.perception.sight import Sight
from edge.vocabulary import Box, Frame

Pipe = Callable[..., FacePipeline]
POINTS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)


def at(x: float, y: float, size: float = 120, score: float = 0.9) -> Face:
    return Face(x, y, size, size, score, POINTS * size + np.array([x, y], np.float32))


class Scripted:
    """A detector that finds what it is told, counting how often it is asked."""

    framing = Framing(1.13, -0.01)

    def __init__(self, *faces: Face) -> None:
        self.faces, self.asked, self.closed = list(faces), 0, False

    def detect(self, image: Image) -> list[Face]:
        self.asked += 1
        return list(self.faces)

    def close(self) -> None:
        self.closed = True


@cache
def room(seed: int = 0) -> Image:
    """A picture without a face, for reading only: blurring it takes longer than looking at it."""
    noise = np.random.default_rng(seed).normal(size=(480, 640, 3))
    layers = [cv2.GaussianBlur(noise, (0, 0), width) for width in (20, 2)]
    mixed = sum(30 * layer / layer.std() for layer in layers)
    picture = np.asarray(np.clip(mixed + 128, 0, 255), np.uint8)
    picture.flags.writeable = False
    return picture


@pytest.fixture
def pipe(scoring_engine: Callable[..., object], card: Card) -> Pipe:
    def make(
        detector: object, engine: object = None, region: Box | None = None, **options: Any
    ) -> FacePipeline:
        every = options.pop("every", 3)
        return FacePipeline(
            detector=detector,  # type: ignore[arg-type]
            classifier=Classifier(engine or scoring_engine(), card),  # type: ignore[arg-type]
            config=CameraConfig(detector=DetectorConfig(every=every), region=region),
            clock=lambda: 10.5,
            **options,
        )

    return make


def watch(pipeline: FacePipeline, image: Image, times: int) -> list[FaceObservation]:
    return [pipeline.process(Frame(image, 10.0)) for _ in range(times)]


def test_a_face_is_read_once_it_is_confirmed(pipe: Pipe) -> None:
    first, second, third = watch(pipe(Scripted(at(250, 180))), room(), 3)
    assert (first.faces, first.readings) == (0, ())
    assert first.detected[0].reasons == ("not confirmed yet",)
    for result in (second, third):
        (reading,) = result.readings
        assert (result.subject, result.faces) == (reading, 1)
        assert (reading.modality, reading.emotion, reading.track) == ("face", "happy", 1)
        assert reading.box == pytest.approx((250 / 640, 180 / 480, 120 / 640, 120 / 480), abs=0.01)
        assert reading.latency == pytest.approx(0.5)
        assert 0.5 < reading.quality <= 1.0


def test_only_the_region_is_looked_at_and_boxes_are_those_of_the_whole_picture(pipe: Pipe) -> None:
    looked: list[Image] = []

    class Watching(Scripted):
        def detect(self, image: Image) -> list[Face]:
            looked.append(image)
            return super().detect(image)

    image = room()
    pipeline = pipe(Watching(at(100, 180), at(260, 180)), region=(0.5, 0.0, 0.5, 1.0), every=1)
    found = watch(pipeline, image, 2)[-1]
    assert all(np.array_equal(part, image[:, 320:]) for part in looked)
    inside, across = found.detected
    assert inside.box == pytest.approx((420 / 640, 180 / 480, 120 / 640, 120 / 480), abs=0.01)
    assert [reading.track for reading in found.readings] == [inside.track]
    assert found.readings[0].box == inside.box
    assert across.reasons == ("cut off",), "half of this face lies outside"


def test_a_single_false_alarm_is_nobody(pipe: Pipe) -> None:
    detector = Scripted(at(250, 180))
    pipeline = pipe(detector)
    results = watch(pipeline, room(), 1)
    detector.faces = []
    results += watch(pipeline, room(), 5)
    assert [result.faces for result in results] == [0] * 6
    assert len(results[0].detected) == 1


def test_a_single_still_is_read_at_once(pipe: Pipe) -> None:
    (result,) = watch(pipe(Scripted(at(250, 180)), confirm=1), room(), 1)
    assert len(result.readings) == 1


def test_the_detector_runs_every_nth_picture_once_faces_are_settled(pipe: Pipe) -> None:
    detector = Scripted(at(250, 180))
    watch(pipe(detector, every=5), room(), 22)
    assert detector.asked == 2 + 4


def test_an_empty_room_costs_a_detection_every_nth_picture(pipe: Pipe) -> None:
    detector = Scripted()
    results = watch(pipe(detector, every=4), room(), 12)
    assert detector.asked == 3
    assert all(result.faces == 0 and not result.detected for result in results)


def test_a_cut_asks_for_a_detection_at_once(pipe: Pipe) -> None:
    detector = Scripted(at(250, 180))
    pipeline = pipe(detector, every=30)
    watch(pipeline, room(), 4)
    asked = detector.asked
    detector.faces = []
    result = watch(pipeline, room(seed=5), 1)[0]
    assert detector.asked == asked + 1
    assert result.readings == ()
    assert result.detected[0].reasons == ("not seen by the detector",)


def test_bad_faces_are_seen_but_not_read(pipe: Pipe) -> None:
    result = watch(pipe(Scripted(at(250, 180, size=30))), room(), 3)[-1]
    assert (result.faces, result.readings, result.subject) == (1, (), None)
    assert result.detected[0].reasons == ("small",)
    assert result.detected[0].quality == 0.0


def test_several_faces_are_one_batch_and_the_largest_is_the_subject(
    pipe: Pipe, scoring_engine: Callable[..., object]
) -> None:
    engine = scoring_engine()
    result = watch(pipe(Scripted(at(20, 40), at(250, 120, size=200), at(500, 300)), engine), room(), 3)[-1]
    assert len(result.readings) == 3
    assert result.subject is not None
    assert result.subject.box is not None
    assert result.subject.box[2] == pytest.approx(200 / 640, abs=0.01)
    assert {batch.shape for batch in engine.batches} == {(3, 1, 48, 48)}  # type: ignore[attr-defined]


def test_a_crowd_is_read_eight_at_a_time_with_the_subject_among_them(
    pipe: Pipe, scoring_engine: Callable[..., object]
) -> None:
    crowd = [at(60 * i, 60 * j, size=50) for i in range(5) for j in range(2)]
    engine = scoring_engine()
    result = watch(pipe(Scripted(*crowd, at(420, 300, size=170)), engine), room(), 3)[-1]
    assert (result.faces, len(result.readings)) == (11, 8)
    assert result.subject is not None


def test_of_a_photo_everybody_counts_however_many_they_are() -> None:
    crowd = [at(60 * i, 60 * j, size=50) for i in range(5) for j in range(3)]
    sight = Sight(
        detector=Scripted(*crowd), config=CameraConfig(), clock=lambda: 0.0, confirm=1, choose=False
    )
    looked = sight.look(Frame(room(), 0.0))
    assert (looked.faces, len(looked.counting), len(looked.due)) == (15, 15, 15)


def test_scores_that_are_no_numbers_are_never_read(pipe: Pipe, scoring_engine: Callable[..., object]) -> None:
    broken = scoring_engine(lambda batch: np.full((len(batch), 7), np.nan, np.float32))
    pipeline = pipe(Scripted(at(250, 180)), broken)
    for result in watch(pipeline, room(), 5):
        assert result.readings == ()
    assert result.error is not None
    assert "not a finite number" in result.error
    with pytest.raises(EngineError, match="5 failures in a row"):
        watch(pipeline, room(), 1)


def test_closing_closes_detector_and_classifier(pipe: Pipe, scoring_engine: Callable[..., object]) -> None:
    detector, engine = Scripted(), scoring_engine()
    with pipe(detector, engine):
        pass
    assert detector.closed
    assert engine.closed  # type: ignore[attr-defined]


class Green(Scripted):
    """Finds what is green, in whatever part of a picture it is shown, at whatever size."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, image: Image) -> list[Face]:
        self.asked += 1
        self.shapes.append(image.shape[:2])
        rest = np.maximum(image[:, :, 0], image[:, :, 2]).astype(int)
        rows, columns = np.nonzero(image[:, :, 1] > rest + 60)
        return [at(columns.min(), rows.min(), np.ptp(columns) + 1)] if len(rows) else []


def with_green_face() -> Image:
    picture, texture = np.repeat(room()[:, :, :1], 3, axis=2), room(seed=3)
    picture[180:300, 250:370] = 0
    picture[180:300, 250:370, 1] = np.maximum(texture[180:300, 250:370, 1], 110)
    return picture


def noisy(number: int, picture: Image) -> Image:
    noise = np.random.default_rng(number).normal(0, 2, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def watch_live(pipeline: FacePipeline, picture: Image, times: int) -> list[FaceObservation]:
    return [pipeline.process(Frame(noisy(k, picture), 10.0 + k / 15)) for k in range(times)]


def test_with_thrift_every_picture_gives_a_reading_of_its_own_time(
    pipe: Pipe, scoring_engine: Callable[..., object]
) -> None:
    engine = scoring_engine()
    results = watch_live(pipe(Green(), engine, thrift=True), with_green_face(), 75)
    read = [result.subject for result in results if result.subject is not None]
    assert len(read) == 74
    assert [reading.captured_at for reading in read] == [result.captured_at for result in results[1:]]
    assert {reading.emotion for reading in read} == {"happy"}
    assert len(engine.batches) < 45  # type: ignore[attr-defined]


def test_with_thrift_known_faces_are_searched_where_they_are(pipe: Pipe) -> None:
    detector = Green()
    results = watch_live(pipe(detector, thrift=True), with_green_face(), 60)
    assert {result.faces for result in results[1:]} == {1}
    assert results[-1].detected[0].box == pytest.approx((250 / 640, 0.375, 120 / 640, 0.25), abs=0.02)
    whole = [shape for shape in detector.shapes if shape == (480, 640)]
    assert len(whole) <= 6
    assert 11 <= len(detector.shapes) <= 16


def test_with_thrift_somebody_who_is_missed_nearby_is_searched_everywhere(pipe: Pipe) -> None:
    detector = Scripted(at(250, 180))
    pipeline = pipe(detector, thrift=True)
    watch_live(pipeline, room(), 5)
    detector.faces, detector.asked = [], 0
    for number in range(9):
        pipeline.process(Frame(noisy(number, room()), 10.4 + number / 15))
    assert detector.asked >= 2


def test_with_thrift_an_empty_quiet_room_is_searched_once_a_second(pipe: Pipe) -> None:
    detector = Scripted()
    pipeline = pipe(detector, thrift=True)
    watch_live(pipeline, room(), 75)
    assert 5 <= detector.asked <= 6
    detector.asked = 0
    pipeline.begin()
    other = room(seed=5)
    detector.faces = [at(250, 180)]
    assert [pipeline.process(Frame(other, 15.1 + k / 15)).faces for k in range(2)] == [0, 1]


def test_with_thrift_a_still_picture_is_looked_at_until_its_faces_are_confirmed(
    pipe: Pipe, scoring_engine: Callable[..., object]
) -> None:
    detector, engine = Scripted(at(250, 180)), scoring_engine()
    pipeline, picture = pipe(detector, engine, thrift=True), room()
    results = [pipeline.process(Frame(picture, 10.0 + k / 5)) for k in range(20)]
    assert detector.asked == 1
    assert len(engine.batches) == 1  # type: ignore[attr-defined]
    assert [result.faces for result in results] == [0] + [1] * 19
    assert results[-1].subject is not None
    assert results[-1].subject.captured_at == pytest.approx(13.8)


@pytest.mark.parametrize("shape", [(480, 640), (16, 16, 3), (1, 1, 3), (2160, 3840, 3), (480, 640, 4)])
def test_pictures_of_any_shape_are_processed(
    scoring_engine: Callable[..., object], card: Card, fetched: EnginesConfig, shape: tuple[int, ...]
) -> None:
    camera = CameraConfig()
    classifier = Classifier(scoring_engine(), card)  # type: ignore[arg-type]
    detector = open_detector(camera, engines=fetched)
    pipeline = FacePipeline(detector=detector, classifier=classifier, config=camera, clock=lambda: 0.0)
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert watch(pipeline, image, 4)[-1].faces == 0


def test_the_speaker_is_followed_through_every_clip(
    data: Path, scoring_engine: Callable[..., object], card: Card, fetched: EnginesConfig
) -> None:
    camera = CameraConfig()
    for row in csv.DictReader((data / "clips" / "index.csv").open()):
        classifier = Classifier(scoring_engine(), card)  # type: ignore[arg-type]
        detector = open_detector(camera, engines=fetched)
        pipeline = FacePipeline(detector=detector, classifier=classifier, config=camera, clock=lambda: 0.0)
        video, results = cv2.VideoCapture(str(data / "clips" / row["file"])), list[FaceObservation]()
        while (read := video.read())[0]:
            results.append(pipeline.process(Frame(np.asarray(read[1], np.uint8), 0.0)))
        assert np.mean([result.faces > 0 for result in results]) >= 0.95
        assert np.mean([result.subject is not None for result in results]) >= 0.95
        assert {seen.track for result in results for seen in result.detected} == {1}


def test_with_thrift_a_restless_room_without_anybody_new_is_searched_less_and_less(pipe: Pipe) -> None:
    detector = Scripted(at(250, 180))
    pipeline = pipe(detector, thrift=True)
    asked = []
    for number in range(90):
        before = detector.asked
        light = np.zeros_like(room())
        light[40:160, (number * 40) % 480 : (number * 40) % 480 + 160] = 90
        pipeline.process(Frame(np.maximum(room(), light), 10.0 + number / 15))
        asked.append(detector.asked - before)
    assert sum(asked[:30]) > sum(asked[60:]) >= 2
