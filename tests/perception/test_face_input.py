import numpy as np
import pytest
from numpy.typing import NDArray

from edge.config.resources import resource
from edge.inference.card import Card, load_card
from edge.perception.face_input import FACE_SIZE, MIN_CONTRAST, face_batch, face_input


def crops(n: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (n, FACE_SIZE, FACE_SIZE)).astype(np.uint8)


def test_every_crop_has_mean_zero_and_deviation_one() -> None:
    result = face_input(crops())
    assert result.shape == (3, 1, 48, 48)
    assert result.dtype == np.float32
    assert np.allclose(result.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    assert np.allclose(result.std(axis=(1, 2, 3)), 1, atol=1e-4)


def test_a_single_crop_becomes_a_batch_of_one() -> None:
    one = crops(1)
    assert np.array_equal(face_input(one[0]), face_input(one))


def test_brightness_and_contrast_do_not_matter() -> None:
    dark = (crops() // 4 + 20).astype(np.uint8)
    bright = (dark.astype(int) * 2 + 60).astype(np.uint8)
    assert np.allclose(face_input(dark), face_input(bright), atol=1e-4)


def test_flat_crops_are_not_blown_up() -> None:
    flat = np.full((48, 48), 90, np.uint8)
    flat[0, 0] = 91
    assert not face_input(np.full((48, 48), 90, np.uint8)).any()
    assert abs(face_input(flat)).max() <= 1 / MIN_CONTRAST


def test_golden_values() -> None:
    ramp = (np.arange(48 * 48).reshape(48, 48) % 251).astype(np.uint8)
    found = face_input(ramp)[0, 0, [0, 5, 47], [0, 17, 47]]
    assert np.allclose(found, [-1.68085, -1.59885, -1.07951], atol=1e-4)


def card(type_: str) -> Card:
    found = load_card(resource("engines") / "face.json")
    return found.model_copy(update={"input": found.input.model_copy(update={"type": type_})})


def test_a_model_that_standardises_itself_gets_the_crops_as_they_are() -> None:
    found = face_batch(crops(), card("uint8"))
    assert found.dtype == np.uint8
    assert found.shape == (3, 1, 48, 48)
    np.testing.assert_array_equal(found[:, 0], crops())
    one = crops(1)
    assert np.shares_memory(one, face_batch(one, card("uint8")))


def test_another_model_gets_them_standardised() -> None:
    np.testing.assert_array_equal(face_batch(crops(), card("float32")), face_input(crops()))


@pytest.mark.parametrize(
    "bad", [np.zeros((48, 47), np.uint8), np.zeros((48, 48)), np.zeros((1, 1, 48, 48), np.uint8)]
)
def test_other_sizes_and_types_are_refused(bad: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="face crops must be uint8"):
        face_input(bad)
    with pytest.raises(ValueError, match="face crops must be uint8"):
        face_batch(bad, card("uint8"))
