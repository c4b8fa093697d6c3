"""Black outlines found and filled."""

import cv2
import numpy as np
import torch

from edge.training.data.outlines import levelled, outside, refilled, zoomed_out

INSIDE = np.hypot(*(np.mgrid[:48, :48] - 23.5)) <= 20
WITHIN = cv2.erode(INSIDE.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
"""Without the rim of a pixel."""


def cut_out(n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Grey discs with a dark mouth, on nearly black."""
    images = np.random.default_rng(0).integers(90, 160, (n, 48, 48)).astype(np.uint8)
    images[:, 30:33, 18:30] = 0
    images[:, ~INSIDE] = 4
    return images


def test_only_what_is_joined_to_the_border_and_its_rim_is_outside() -> None:
    found = outside(cut_out(3))
    assert (found == ~WITHIN).all()
    assert not outside(np.full((1, 48, 48), 120, np.uint8)).any()


def test_the_outside_gets_the_mean_grey_of_the_face() -> None:
    images = cut_out(2)
    filled = levelled(images, outside(images))
    np.testing.assert_array_equal(filled[:, WITHIN], images[:, WITHIN])
    for before, after in zip(images, filled, strict=True):
        assert (after[~WITHIN] == int(before[WITHIN].mean())).all()


def test_refilled_pictures_keep_the_face_and_lose_the_black() -> None:
    torch.manual_seed(0)
    images = torch.from_numpy(cut_out(200))
    others = torch.full((5, 48, 48), 77, dtype=torch.uint8)
    outlines = torch.from_numpy(outside(images.numpy()))
    made = refilled(images, outlines, others)
    inside = torch.from_numpy(WITHIN)
    assert torch.equal(made[:, inside], images[:, inside])
    assert (made[:, ~inside].float().std(0) > 20).all()
    lent = (made[:, ~inside] == 77).all(1)
    assert 0.15 < lent.float().mean() < 0.35
    assert made.dtype == torch.uint8


def test_faces_zoomed_out_are_smaller_and_free_of_black() -> None:
    torch.manual_seed(0)
    images = torch.from_numpy(cut_out(200))
    outlines = torch.from_numpy(outside(images.numpy()))
    moved, left = zoomed_out(images, outlines, 0.3)
    sizes = (~left).float().sum((1, 2)) / float(WITHIN.sum())
    assert sizes.max() < 1.01
    assert sizes.min() < 0.65
    assert 0.25 < (sizes > 0.95).float().mean() < 0.65
    assert moved.dtype == torch.uint8
    around = (~left).float().sum((1, 2))
    grey = (moved.float() * ~left).sum((1, 2)) / around
    assert (grey > 100).all()


def test_whole_pictures_stay_as_they_are() -> None:
    images = torch.randint(0, 256, (4, 48, 48), dtype=torch.uint8)
    nothing = torch.zeros(4, 48, 48, dtype=torch.bool)
    assert torch.equal(refilled(images, nothing, images), images)
