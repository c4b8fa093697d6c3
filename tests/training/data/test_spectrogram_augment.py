import torch
from torch import Tensor

from edge.training.data.spectrogram_augment import restyled, stripe, warped

BANDS, FRAMES = 64, 50


def voices(n: int) -> Tensor:
    """Spectrograms (n, 1, bands, frames): two voices in turn, whose harmonics lie apart, n microphones."""
    microphones = torch.linspace(-2, 2, n)[:, None] * torch.linspace(-1, 1, BANDS)
    voice = torch.where(torch.arange(n) % 2 == 0, 1.0, -1.0)[:, None]
    harmonics = voice * torch.where(torch.arange(BANDS) % 2 == 0, 1.0, -1.0)
    return torch.randn(n, 1, BANDS, FRAMES) * 0.01 + (microphones + harmonics)[:, None, :, None]


def test_a_style_changes_the_microphone_and_keeps_the_harmonics() -> None:
    torch.manual_seed(0)
    x = voices(16)
    before, after = x.mean(3)[:, 0], restyled(x, 1.0).mean(3)[:, 0]
    apart = (after[:, 20:40:2] - after[:, 21:41:2]) / (before[:, 20:40:2] - before[:, 21:41:2])
    assert (apart > 0.7).all()
    change = after - before
    assert (change[:, -8:].mean(1) - change[:, :8].mean(1)).abs().max() > 0.5


def test_a_steady_sound_is_not_blown_up() -> None:
    torch.manual_seed(0)
    x = torch.randn(32, 1, BANDS, FRAMES) * 3
    x[::2] = torch.randn(16, 1, BANDS, 1) * 3
    assert restyled(x, 1.0).abs().max() < 60


def test_without_a_chance_nothing_is_restyled_or_warped() -> None:
    x = voices(4)
    assert restyled(x, 0.0) is x
    assert warped(x, 0.0) is x


def test_a_warp_moves_bands_and_leaves_time_alone() -> None:
    torch.manual_seed(0)
    x = torch.zeros(8, 1, BANDS, FRAMES)
    x[:, :, 32, 10:20] = 1.0
    moved = warped(x, 0.12)
    assert (moved[..., :9] == 0).all()
    assert (moved[..., 21:] == 0).all()
    rows = moved.sum(3)[:, 0].argmax(1)
    assert len(set(rows.tolist())) > 2
    assert (rows - 32).abs().max() <= 10


def test_a_stripe_is_one_stretch_of_at_most_the_asked_length() -> None:
    torch.manual_seed(0)
    hidden = stripe(200, 30, 8)
    lengths = hidden.sum(1)
    assert lengths.max() <= 8
    assert len(set(lengths.tolist())) > 4
    edges = (hidden[:, 1:] != hidden[:, :-1]).sum(1)
    assert edges.max() <= 2
