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
