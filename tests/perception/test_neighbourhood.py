import numpy as np
import pytest

from edge.perception.detector import Face
from edge.perception.neighbourhood import neighbourhood, placed

PICTURE = (640, 480)


def face(x: float, y: float, size: float) -> Face:
    return Face(x, y, size, size, 0.9, np.array([[x, y]] * 5, np.float32))


@pytest.mark.parametrize("place", [(250, 180), (0, 0), (560, 400), (-30, 430)])
@pytest.mark.parametrize("size", [24, 80])
def test_the_face_and_what_is_near_it_are_searched(place: tuple[float, float], size: float) -> None:
    cutout = neighbourhood([face(*place, size)], PICTURE, 320)
    assert cutout is not None
    assert cutout.left >= 0
    assert cutout.top >= 0
    assert cutout.left + cutout.width <= PICTURE[0]
    assert cutout.top + cutout.height <= PICTURE[1]
    assert cutout.left <= max(0.0, place[0] - 0.5 * size)
    assert cutout.top <= max(0.0, place[1] - 0.5 * size)
    assert cutout.left + cutout.width >= min(PICTURE[0], place[0] + 1.5 * size)
    assert cutout.top + cutout.height >= min(PICTURE[1], place[1] + 1.5 * size)
    assert cutout.width * cutout.height * cutout.scale**2 <= 0.5 * 320 * 240


def test_a_large_face_is_searched_at_fewer_pixels() -> None:
    near = neighbourhood([face(200, 100, 260)], PICTURE, 640)
    assert near is not None
    assert near.scale == pytest.approx(96 / 260)


def test_never_at_more_pixels_than_the_whole_picture() -> None:
    near = neighbourhood([face(200, 100, 30)], PICTURE, 320)
    assert near is not None
    assert near.scale == 0.5


def test_faces_far_apart_are_searched_in_the_whole_picture() -> None:
    assert neighbourhood([face(10, 10, 80), face(540, 380, 80)], PICTURE, 320) is None
    assert neighbourhood([], PICTURE, 320) is None


def test_what_is_found_is_told_in_pixels_of_the_picture() -> None:
    cutout = neighbourhood([face(250, 180, 100)], PICTURE, 320)
    assert cutout is not None
    back = placed(face(20, 10, 50), cutout)
    assert (back.x, back.y) == (cutout.left + 40, cutout.top + 20)
    assert (back.w, back.h) == (100, 100)
    assert back.points is not None
    assert back.points[0].tolist() == [cutout.left + 40, cutout.top + 20]
