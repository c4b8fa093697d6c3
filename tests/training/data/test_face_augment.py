"""Varied pictures."""

from dataclasses import replace

import torch

from edge.training.data.face_augment import FaceAugment
from edge.training.recipes.rows import find_face


def test_origin_rows_see_none_of_our_bad_pictures() -> None:
    augment = find_face("face/origin").recipe.augment
    assert (augment.grainy, augment.blur) == (0.0, 0.0)


def test_bad_pictures_keep_their_contrast() -> None:
    torch.manual_seed(0)
    crops = torch.randint(0, 256, (64, 48, 48), dtype=torch.uint8)
    augment = FaceAugment(cutout=0.0, gamma=0.0, rotation=0.0, scale=0.0, shift=0.0)
    plain = replace(augment, noise=0.0, grainy=0.0, blur=0.0)(crops, 44)
    bad = replace(augment, grainy=1.0, blur=1.0)(crops, 44)
    assert bad.shape == (64, 1, 44, 44)
    torch.testing.assert_close(bad.std((1, 2, 3)).mean(), plain.std((1, 2, 3)).mean(), rtol=0.02, atol=0)


def test_a_nodding_face_is_squeezed_from_top_to_bottom_only() -> None:
    torch.manual_seed(0)
    crops = torch.zeros(64, 48, 48, dtype=torch.uint8)
    crops[:, 12:36, 10:38] = 200
    still = FaceAugment(rotation=0, scale=0, shift=0, gamma=0, cutout=0, noise=0, grainy=0, blur=0, nodding=0)
    plain, nodded = still(crops, 48, 1.0), replace(still, nodding=1.0)(crops, 48, 1.0)
    middle = (plain.max() + plain.min()) / 2
    high = (nodded > middle).float().sum((2, 3)) / (plain > middle).float().sum((2, 3))
    assert high.min() < 0.95
    assert high.max() > 1.03
    shifted = (nodded - plain).abs().flatten(1).max(1).values
    assert (shifted > 0.5).float().mean() > 0.7
