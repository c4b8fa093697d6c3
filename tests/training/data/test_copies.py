import numpy as np
from numpy.typing import NDArray

from edge.training.data.copies import near_copies

RANDOM = np.random.default_rng(0)


def pictures(n: int) -> NDArray[np.uint8]:
    """Soft blobs, no two alike."""
    coarse = RANDOM.integers(40, 200, (n, 6, 6)).astype(np.float32)
    return np.kron(coarse, np.ones((8, 8), np.float32)).astype(np.uint8)


def test_another_compression_light_or_mirror_image_is_a_near_copy() -> None:
    known = pictures(20)
    noisy = np.clip(known[:3] + RANDOM.normal(0, 8, (3, 48, 48)), 0, 255).astype(np.uint8)
    darker = (known[3:6] * 0.6 + 10).astype(np.uint8)
    turned = known[6:9, :, ::-1]
    moved = np.roll(known[9:12], 1, axis=2)
    assert near_copies(np.concatenate([noisy, darker, turned, moved]), known).all()


def test_other_pictures_are_none() -> None:
    assert not near_copies(pictures(600), pictures(50)).any()


def test_a_flat_picture_has_no_copies() -> None:
    flat = np.full((2, 48, 48), 90, np.uint8)
    assert not near_copies(flat, flat).any()
    assert near_copies(np.empty((0, 48, 48), np.uint8), flat).shape == (0,)
