from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.perception.crop import crop_face, crop_square
from edge.perception.detector import CenterFace, Face, Framing
from edge.perception.yunet import YuNet

PLAIN = Framing(scale=1.0, shift=0.0)


def test_the_square_is_scaled_from_the_boxs_area_around_its_shifted_centre() -> None:
    face = Face(100, 50, 80, 125, 0.9)
    assert crop_square(face, Framing(scale=1.2, shift=-0.1)) == (80, 42, 120)


def test_the_framings_are_those_measured_on_fer2013() -> None:
    assert CenterFace.framing == Framing(1.13, -0.01)
    assert YuNet.framing == Framing(1.12, -0.03)


def test_a_face_of_48_pixels_is_taken_as_it_is() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (100, 100), np.uint8)
    image = np.repeat(grey[:, :, None], 3, axis=2)
    crop = crop_face(image, Face(20, 30, 48, 48, 0.9), PLAIN)
    np.testing.assert_array_equal(crop, grey[30:78, 20:68])


def test_shrinking_averages_areas() -> None:
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[:, ::2] = 200
    assert (crop_face(stripes, Face(0, 0, 96, 96, 0.9), PLAIN) == 100).all()


def test_colour_becomes_luma() -> None:
    red = np.zeros((60, 60, 3), np.uint8)
    red[:, :, 2] = 255
    assert (crop_face(red, Face(0, 0, 48, 48, 0.9), PLAIN) == 76).all()


def test_beyond_the_border_the_edge_is_repeated() -> None:
    image = np.full((60, 60, 3), 40, np.uint8)
    image[:, 0] = 90
    crop = crop_face(image, Face(-24, 0, 48, 48, 0.9), PLAIN)
    assert (crop[:, :25] == 90).all()
    assert (crop[:, 25:] == 40).all()


@pytest.mark.parametrize(
    "face",
    [
        Face(-500, -500, 50, 50, 1),
        Face(900, 900, 80, 40, 1),
        Face(-50, -50, 3000, 3000, 1),
        Face(5, 5, 0, 0, 1),
    ],
)
def test_any_box_gives_a_crop(face: Face) -> None:
    crop = crop_face(np.full((16, 16, 3), 7, np.uint8), face, CenterFace.framing)
    assert crop.shape == (48, 48)
    assert crop.dtype == np.uint8
    assert (crop == 7).all()


def tilted(picture: np.ndarray, face: Face, degrees: float) -> tuple[np.ndarray, Face]:
    """The picture with a head turned about the middle of its box, which grows by a third of a square's."""
    middle = face.x + face.w / 2 - 0.5, face.y + face.h / 2 - 0.5
    angle = np.radians(abs(degrees))
    more = face.w * 0.35 * (np.cos(angle) + np.sin(angle) - 1) / 2
    box = face.x - more, face.y - more, face.w + 2 * more, face.h + 2 * more
    turn = cv2.getRotationMatrix2D(middle, -degrees, 1.0)
    height, width = picture.shape[:2]
    assert face.points is not None
    points = (face.points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    return cv2.warpAffine(picture, turn, (width, height)), Face(*box, face.score, points)


def a_head() -> tuple[np.ndarray, Face]:
    """Smooth light and shade, eyes level."""
    random = np.random.default_rng(1).integers(0, 256, (12, 12), np.uint8)
    grey = cv2.resize(random, (240, 240), interpolation=cv2.INTER_CUBIC)
    points = np.array([[105, 110], [135, 110], [120, 125], [108, 140], [132, 140]], np.float32)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), Face(84, 84, 72, 72, 0.9, points)


@pytest.mark.parametrize("degrees", [-75, -30, 15, 45])
def test_a_tilted_head_is_turned_upright(degrees: float) -> None:
    picture, face = a_head()
    level = crop_face(picture, face, PLAIN).astype(float)
    turned = crop_face(*tilted(picture, face, degrees), PLAIN).astype(float)
    assert np.corrcoef(turned.ravel(), level.ravel())[0, 1] > 0.98


def test_a_head_tilted_as_little_as_in_training_is_left_as_it_is() -> None:
    picture, face = tilted(*a_head(), 8)
    without = crop_face(picture, replace(face, points=None), PLAIN)
    np.testing.assert_array_equal(crop_face(picture, face, PLAIN), without)


def test_a_tilted_head_at_the_border_gives_a_crop() -> None:
    picture, face = tilted(*a_head(), 40)
    crop = crop_face(picture[:110, :110], face, PLAIN)
    assert crop.shape == (48, 48)
