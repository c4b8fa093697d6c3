import cv2
import numpy as np
import pytest

from edge.perception.mouth import MouthMotion
from edge.perception.pixels import Image

FACE: Image = np.asarray(
    cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (48, 48), np.uint8), (0, 0), 2), np.uint8
)


def changed(rows: slice, by: int = 25) -> Image:
    face = FACE.astype(np.int16)
    face[rows, 14:34] += by
    return np.clip(face, 0, 255).astype(np.uint8)


def motion(*crops: Image) -> float | None:
    mouths = MouthMotion()
    return [mouths.measure({7: crop}).get(7) for crop in crops][-1]


def test_a_face_seen_for_the_first_time_has_no_motion() -> None:
    assert motion(FACE) is None
    assert motion(FACE, FACE) == 0.0


def test_a_mouth_that_opens_moves_and_a_brow_that_rises_does_not_count() -> None:
    opened, risen = motion(FACE, changed(slice(36, 42))), motion(FACE, changed(slice(8, 14)))
    assert opened is not None
    assert risen is not None
    assert opened > 0.05
    assert risen < 0.0


def test_other_light_and_contrast_are_no_motion() -> None:
    darker = (FACE * 0.6 + 20).astype(np.uint8)
    assert motion(FACE, darker) == pytest.approx(0.0, abs=0.01)


def test_a_face_that_was_away_begins_anew() -> None:
    mouths = MouthMotion()
    mouths.measure({1: FACE, 2: FACE})
    assert set(mouths.measure({1: FACE})) == {1}
    assert set(mouths.measure({1: FACE, 2: FACE})) == {1}
    assert mouths.measure({}) == {}
