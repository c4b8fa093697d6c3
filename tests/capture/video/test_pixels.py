import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.video.pixels import Size, fitted, shrink, to_bgr, upright


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((4, 6), np.uint8),
        ((4, 6, 1), np.uint8),
        ((4, 6, 4), np.uint8),
        ((4, 6), np.uint16),
        ((4, 6, 3), np.uint16),
    ],
)
def test_every_format_becomes_bgr_bytes(shape: tuple[int, ...], dtype: type) -> None:
    image: np.ndarray = np.full(shape, 200 if dtype == np.uint8 else 200 << 8, dtype)
    made = to_bgr(image)
    assert made.shape == (4, 6, 3)
    assert made.dtype == np.uint8
    assert (made == 200).all()


def test_a_picture_that_fits_is_not_copied() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    assert shrink(image, Size(640, 480)) is image
    assert shrink(image, None) is image


def test_a_large_picture_keeps_its_shape() -> None:
    assert shrink(np.zeros((2160, 3840, 3), np.uint8), Size(640, 480)).shape == (360, 640, 3)


def test_oblong_pixels_are_made_square() -> None:
    assert fitted(720, 576, None, aspect=16 / 15) == (720, 540)
    assert fitted(720, 480, None, aspect=8 / 9) == (640, 480)


@given(
    st.integers(1, 8000),
    st.integers(1, 8000),
    st.integers(16, 2000),
    st.integers(16, 2000),
    st.floats(0.3, 3.0),
)
def test_a_fitted_size_is_within_the_limit_and_never_empty(
    width: int, height: int, most_width: int, most_height: int, aspect: float
) -> None:
    size = fitted(width, height, Size(most_width, most_height), aspect)
    assert 1 <= size.width <= min(width, most_width)
    assert 1 <= size.height <= min(height, most_height)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (2, 0)), (180, (1, 2)), (-90, (0, 1))])
def test_turning_is_counter_clockwise(rotation: int, corner: tuple[int, int]) -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 0] = 255
    assert tuple(np.argwhere(upright(image, rotation)[:, :, 0])[0]) == corner
