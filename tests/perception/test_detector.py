import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.config.models import CameraConfig, DetectorConfig, EnginesConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.open import open_engine
from edge.inference.registry import find_model
from edge.perception.detector import CenterFace, decode, input_size
from edge.perception.open import open_detector
from edge.perception.pixels import Image, as_bgr
from edge.perception.tracker import overlap


def first_frame(data: Path, name: str = "grid_bbaf2n.mpg") -> Image:
    ok, image = cv2.VideoCapture(str(data / "clips" / name)).read()
    assert ok
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize(
    ("picture", "longer_side", "inner"),
    [((640, 480), 320, (320, 256)), ((640, 480), 640, (640, 480)), ((16, 16), 320, (32, 32)),
     ((3840, 2160), 320, (320, 192)), ((100, 4000), 320, (32, 320))],
)  # fmt: skip
def test_the_network_sees_multiples_of_32_and_never_an_enlargement(
    picture: tuple[int, int], longer_side: int, inner: tuple[int, int]
) -> None:
    assert input_size(*picture, longer_side) == inner


def maps(rows: int = 8, columns: int = 10) -> list[np.ndarray]:
    return [np.zeros((1, n, rows, columns), np.float32) for n in (1, 2, 2, 10)]


def test_a_peak_of_the_heat_map_becomes_a_box_with_points() -> None:
    heat, size, offset, points = maps()
    heat[0, 0, 3, 5] = 0.8
    size[0, :, 3, 5] = np.log([6, 4])
    offset[0, :, 3, 5] = [0.25, -0.5]
    points[0, :, 3, 5] = [0.3, 0.25, 0.3, 0.75, 0.5, 0.5, 0.8, 0.3, 0.8, 0.7]
    (row,) = decode(heat, size, offset, points, 0.5)
    np.testing.assert_allclose(row[:5], [20 - 8, 15 - 12, 16, 24, 0.8], rtol=1e-5)
    np.testing.assert_allclose(row[5:9], [12 + 4, 3 + 7.2, 12 + 12, 3 + 7.2], rtol=1e-5)


def test_overlapping_peaks_are_one_face_the_best() -> None:
    heat, size, offset, points = maps()
    heat[0, 0, 3, 5], heat[0, 0, 3, 6], heat[0, 0, 0, 0] = 0.7, 0.9, 0.6
    size[:] = np.log(4)
    assert decode(heat, size, offset, points, 0.5)[:, 4] == pytest.approx([0.9, 0.6])


def test_an_empty_heat_map_is_no_face() -> None:
    heat, size, offset, points = maps()
    assert decode(heat, size, offset, points, 0.5).shape == (0, 15)


def test_absurd_sizes_do_not_overflow() -> None:
    heat, size, offset, points = maps()
    heat[0, 0, 2, 2], size[:] = 0.9, 1e4
    assert np.isfinite(decode(heat, size, offset, points, 0.5)).all()


def test_the_speaker_is_found_in_every_clip(data: Path, fetched: EnginesConfig) -> None:
    detector = open_detector(CameraConfig(), engines=fetched)
    for row in csv.DictReader((data / "clips" / "index.csv").open()):
        image = first_frame(data, row["file"])
        (face,) = detector.detect(image)
        width = image.shape[1]
        assert face.score > 0.7
        assert 0.15 * width < face.w < 0.7 * width
        assert face.points is not None
        left, right, nose, *_ = face.points
        assert left[0] < nose[0] < right[0]
        assert max(left[1], right[1]) < nose[1]
    detector.close()


def test_a_face_is_found_at_the_same_place_in_4k_and_in_grey(data: Path, fetched: EnginesConfig) -> None:
    detector = open_detector(CameraConfig(), engines=fetched)
    image = first_frame(data)
    (face,) = detector.detect(image)
    large = np.asarray(cv2.resize(image, None, fx=10, fy=10, interpolation=cv2.INTER_CUBIC), np.uint8)
    (big,) = detector.detect(large)
    assert big.w / 10 == pytest.approx(face.w, rel=0.1)
    grey = as_bgr(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8))
    (colourless,) = detector.detect(grey)
    assert overlap(colourless, face) > 0.7


@pytest.mark.parametrize("shape", [(1, 1, 3), (16, 16, 3), (480, 640, 3), (5, 2000, 3)])
def test_there_is_no_face_where_there_is_none(fetched: EnginesConfig, shape: tuple[int, int, int]) -> None:
    detector = open_detector(CameraConfig(), engines=fetched)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for image in (np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8), noise):
        assert detector.detect(image) == []


def test_a_detector_that_was_not_fetched_says_how(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="emotion-edge fetch-detector"):
        open_detector(CameraConfig(), engines=EnginesConfig(cache=tmp_path))


def test_a_centerface_file_of_the_users_is_taken_without_a_card(
    data: Path, fetched: EnginesConfig, tmp_path: Path
) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(find_model("centerface", config=fetched).path.read_bytes())
    camera = CameraConfig(detector=DetectorConfig(model=str(path)))
    assert len(open_detector(camera, engines=fetched).detect(first_frame(data))) == 1


@pytest.mark.parametrize("content", [None, b"not an onnx file"])
def test_a_wrong_detector_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.onnx"
    if content is not None:
        path.write_bytes(content)
    camera = CameraConfig(detector=DetectorConfig(model=str(path)))
    with pytest.raises(ModelError, match=r"camera\.detector\.model .*x\.onnx"):
        open_detector(camera, engines=EnginesConfig())


def test_a_classifier_is_no_detector() -> None:
    camera = CameraConfig(detector=DetectorConfig(model=str(resource("engines") / "vad.onnx")))
    with pytest.raises(ModelError, match="is a vad model, a detector model is needed"):
        open_detector(camera, engines=EnginesConfig())


def test_an_engine_of_one_size_takes_pictures_of_any_shape(data: Path, fetched: EnginesConfig) -> None:
    engine = open_engine("centerface", config=fetched, shape=(1, 3, 256, 320))
    fixed = CenterFace(engine, longer_side=320, threshold=0.5, inner=(320, 256))
    image = first_frame(data)
    portrait = np.ascontiguousarray(image[:, 60:260])
    (whole,), (part,) = fixed.detect(image), fixed.detect(portrait)
    assert part.x + 60 == pytest.approx(whole.x, abs=6)
    assert part.w == pytest.approx(whole.w, rel=0.1)
