import cv2
import numpy as np
import pytest

from edge.perception.detector import Face
from edge.perception.flow import Flow, moved
from edge.perception.picture import Picture
from edge.perception.pixels import Image


def scene(dx: float = 0, dy: float = 0, scale: float = 1.0, seed: int = 0) -> Image:
    """A textured picture, moved and zoomed about the middle of the face."""
    noise = np.random.default_rng(seed).integers(0, 256, (480, 640, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    cv2.normalize(soft, soft, 0, 255, cv2.NORM_MINMAX)
    warp = np.array([[scale, 0, dx + 320 * (1 - scale)], [0, scale, dy + 240 * (1 - scale)]])
    return np.asarray(cv2.warpAffine(soft, warp, (640, 480), borderMode=cv2.BORDER_REFLECT), np.uint8)


FACE = Face(270, 190, 100, 100, 0.9)


@pytest.mark.parametrize(("dx", "dy", "scale"), [(12, -7, 1.0), (0, 0, 1.05), (-10, 4, 0.97)])
def test_a_moving_face_is_followed(dx: float, dy: float, scale: float) -> None:
    flow = Flow()
    flow.follow(Picture(scene()), [])
    (motion,) = flow.follow(Picture(scene(dx, dy, scale)), [FACE])
    assert motion is not None
    face = moved(FACE, motion)
    assert face.x + face.w / 2 == pytest.approx(320 + dx, abs=1.5)
    assert face.y + face.h / 2 == pytest.approx(240 + dy, abs=1.5)
    assert face.w == pytest.approx(100 * scale, abs=1.5)


def test_after_a_cut_nothing_is_followed() -> None:
    flow = Flow()
    flow.follow(Picture(scene()), [])
    assert flow.follow(Picture(scene(seed=1)), [FACE]) == [None]


def test_the_first_picture_and_a_new_size_tell_nothing() -> None:
    flow = Flow()
    assert flow.follow(Picture(scene()), [FACE]) == [None]
    assert flow.follow(Picture(scene()[:200]), [FACE]) == [None]
    flow.forget()
    assert flow.follow(Picture(scene()), [FACE]) == [None]


def test_a_featureless_picture_tells_nothing() -> None:
    flow = Flow()
    blank = np.full((480, 640, 3), 90, np.uint8)
    flow.follow(Picture(blank), [])
    (motion,) = flow.follow(Picture(blank), [FACE])
    assert motion is None or np.allclose(motion, [[1, 0, 0], [0, 1, 0]], atol=1e-3)
