"""Bad cameras and bad light."""

import torch

from edge.training.data.cameras import Cameras

NOTHING = {"slanted": 0.0, "haze": 0.0, "dark": 0.0, "stream": 0.0}


def crops(n: int = 64) -> torch.Tensor:
    return torch.randint(60, 200, (n, 48, 48), dtype=torch.uint8)


def seen(**shares: float) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    before = crops()
    return before.float(), Cameras(**{**NOTHING, **shares})(before.clone()).float()


def test_a_good_camera_changes_nothing() -> None:
    before, after = seen()
    torch.testing.assert_close(after, before)


def test_light_from_a_side_makes_one_side_brighter() -> None:
    before, after = seen(slanted=1.0)
    slope = (after / before).clamp(0.05, 20).log()
    left, right = slope[:, :, :12].mean((1, 2)), slope[:, :, -12:].mean((1, 2))
    assert (left - right).abs().median() > 0.15
    assert (left > right).any()
    assert (left < right).any()


def test_haze_takes_contrast_and_darkness_light() -> None:
    before, after = seen(haze=1.0)
    assert (after.std((1, 2)) < before.std((1, 2))).all()
    assert (after.mean((1, 2)) > before.mean((1, 2))).all()
    before, after = seen(dark=1.0)
    assert (after.mean((1, 2)) < before.mean((1, 2)) * 0.45).all()


def test_a_stream_spoils_its_share_of_pictures_a_little() -> None:
    before, after = seen(stream=0.5)
    changed = (after != before).flatten(1).any(1)
    assert 0.25 < changed.float().mean() < 0.75
    assert (after[~changed] == before[~changed]).all()
    assert (after.mean((1, 2)) - before.mean((1, 2))).abs().max() < 12
