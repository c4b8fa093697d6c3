import cv2
import numpy as np
import pytest

from edge.config.models import QualityConfig
from edge.perception.detector import Face
from edge.perception.pixels import Image
from edge.perception.quality import assess, head_pose, noise, sharpness, visible_share

PICTURE = (640, 480)
LIMITS = QualityConfig()
FRONTAL = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)


def texture() -> Image:
    """Light and shade with fine detail on top, as faces have it."""
    generator = np.random.default_rng(0)
    layers = [cv2.GaussianBlur(generator.normal(size=(48, 48)), (0, 0), width) for width in (8, 3, 0.8)]
    mixed = sum(weight * layer / layer.std() for weight, layer in zip((45, 25, 15), layers, strict=True))
    return np.asarray(np.clip(mixed + 128, 0, 255), np.uint8)


def face(w: float = 100, score: float = 0.95, points: np.ndarray | None = FRONTAL, x: float = 200) -> Face:
    return Face(x, 150, w, w, score, points)


def turned(yaw: float) -> np.ndarray:
    """Key points of a head turned by `yaw` degrees, with the nose 0.55 eye distances before the eyes."""
    angle = np.radians(yaw)
    points: np.ndarray = FRONTAL.copy()
    points[:, 0] = 50 + (points[:, 0] - 50) * np.cos(angle)
    points[2, 0] += 0.55 * 40 * np.sin(angle)
    return points


def rolled(roll: float) -> np.ndarray:
    angle = np.radians(roll)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray((FRONTAL - 50) @ turn.T + 50, np.float32)


def test_a_large_sharp_frontal_face_is_fully_trusted() -> None:
    quality = assess(face(), texture(), PICTURE, LIMITS)
    assert quality.ok
    assert quality.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (face(w=30), "small"),
        (face(score=0.4), "uncertain"),
        (face(points=turned(60)), "turned"),
        (face(points=turned(-60)), "turned"),
        (face(points=rolled(50)), "tilted"),
        (face(x=-60), "cut off"),
    ],
)
def test_a_bad_face_is_not_judged_and_the_reason_told(bad: Face, reason: str) -> None:
    quality = assess(bad, texture(), PICTURE, LIMITS)
    assert not quality.ok
    assert quality.value == 0.0
    assert quality.reasons == (reason,)


def test_a_blurred_face_is_not_judged() -> None:
    blurred = np.asarray(cv2.GaussianBlur(texture(), (0, 0), 4), np.uint8)
    assert assess(face(), blurred, PICTURE, LIMITS).reasons == ("blurred",)


def test_a_featureless_patch_is_not_judged() -> None:
    assert assess(face(), np.full((48, 48), 128, np.uint8), PICTURE, LIMITS).reasons == ("blurred",)


def test_dim_light_is_not_taken_for_blur() -> None:
    dim = (texture() // 4 + 10).astype(np.uint8)
    assert sharpness(dim) == pytest.approx(sharpness(texture()), rel=0.25)


def test_quality_falls_with_distance_and_turning() -> None:
    values = [
        assess(candidate, texture(), PICTURE, LIMITS).value
        for candidate in (face(), face(w=60), face(w=45), face(w=45, points=turned(30)))
    ]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4
    assert values[-1] > 0


@pytest.mark.parametrize("angle", [-40, -15, 0, 15, 40])
def test_pose_is_read_from_the_points(angle: float) -> None:
    assert head_pose(turned(angle)).yaw == pytest.approx(angle, abs=0.5)
    assert head_pose(rolled(angle)).roll == pytest.approx(angle, abs=0.5)
    assert head_pose(rolled(angle)).yaw == pytest.approx(0, abs=0.5)


def test_without_points_the_head_is_taken_as_straight() -> None:
    assert assess(face(points=None), texture(), PICTURE, LIMITS).ok


def test_eyes_in_one_place_are_a_profile() -> None:
    assert head_pose(np.zeros((5, 2), np.float32)).yaw == 90.0


def test_visible_share_is_that_of_the_box() -> None:
    assert visible_share(Face(-50, -50, 100, 100, 1), PICTURE) == pytest.approx(0.25)
    assert visible_share(Face(700, 0, 50, 50, 1), PICTURE) == 0.0


def grainy(crop: Image, levels: float) -> Image:
    generator = np.random.default_rng(1)
    return np.asarray(np.clip(crop + generator.normal(0, levels, crop.shape), 0, 255), np.uint8)


def test_noise_is_a_share_of_the_contrast() -> None:
    clean = np.asarray(cv2.GaussianBlur(texture(), (0, 0), 1.5), np.uint8)
    contrast = float(clean.std())
    assert noise(clean) < 0.03
    for levels in (8, 16, 30):
        assert noise(grainy(clean, levels)) == pytest.approx(levels / np.hypot(contrast, levels), rel=0.1)


def test_noise_lowers_the_quality_until_a_face_is_not_judged_and_the_reason_told() -> None:
    values = [assess(face(), grainy(texture(), levels), PICTURE, LIMITS).value for levels in (0, 20, 30)]
    assert values[0] > values[1] > values[2] > 0
    assert assess(face(), grainy(texture(), 90), PICTURE, LIMITS).reasons == ("noisy",)


def test_what_is_noisy_for_want_of_light_is_dark() -> None:
    dark = np.asarray(cv2.GaussianBlur(texture(), (0, 0), 1) * 0.03, np.uint8)
    assert assess(face(), grainy(dark, 3), PICTURE, LIMITS).reasons == ("dark",)


def test_a_dark_face_without_noise_is_judged() -> None:
    assert assess(face(), np.asarray(texture() * 0.15, np.uint8), PICTURE, LIMITS).ok


def test_the_limit_of_noise_can_be_taken_away() -> None:
    anything = LIMITS.model_copy(update={"max_noise": 1.0})
    assert assess(face(), grainy(texture(), 200), PICTURE, anything).ok
