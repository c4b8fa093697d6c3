import numpy as np
from numpy.typing import NDArray

from edge.evaluation.channels import telephone
from edge.perception.features import BANDS, log_mel
from edge.training.data.spectrogram_channels import band_limited, in_background

Energies = NDArray[np.float32]
INSIDE = slice(18, 40)
"""Bands that every telephone lets through."""


def hiss(seconds: float = 2.0) -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(size=int(seconds * 16_000)).astype(np.float32) * 0.1


def limits(energies: Energies, n: int = 300) -> list[Energies]:
    return [band_limited(energies, np.random.default_rng(seed)) - energies for seed in range(n)]


def test_most_lose_both_ends_as_a_telephone_does() -> None:
    energies = log_mel(hiss())
    real = (log_mel(telephone(hiss(), 0)) - energies).mean(axis=0)
    real -= real[INSIDE].mean()
    flat = np.zeros((9, BANDS), dtype=np.float32)
    lost = np.stack([each.mean(axis=0) for each in limits(flat)])
    both = (lost[:, 0] < -3) & (lost[:, -1] < -3)
    assert 0.5 < both.mean() < 0.75
    assert real[0] < -3
    assert real[-1] < -3
    assert (np.abs(lost[:, INSIDE]) < 3).mean() > 0.8
    assert ((lost[:, 0] > -0.5) & (lost[:, -1] > -0.5)).any()


def test_what_codes_a_band_adds_noise_that_follows_the_loudness() -> None:
    energies = log_mel(hiss())
    energies[:, 20] -= 20.0
    energies[::2] += 5.0
    raised = [each for each in limits(energies) if each[:, 20].min() > 1]
    assert 100 < len(raised) < 250
    for each in raised:
        filled = (energies + each)[:, 20]
        np.testing.assert_allclose(filled[::2].mean() - filled[1::2].mean(), 5.0, atol=1.0)


def test_the_clip_itself_is_left_as_it_is() -> None:
    energies = log_mel(hiss())
    before = energies.copy()
    limits(energies, 20)
    in_background(energies, energies[:9].astype(np.float16), np.random.default_rng(0))
    np.testing.assert_array_equal(energies, before)


def test_another_sound_lies_below_by_the_asked_decibels() -> None:
    speech = np.zeros((120, BANDS), dtype=np.float32)
    sound = np.full((7, BANDS), 33.0, dtype=np.float16)
    for snr in (0.0, 10.0, 20.0):
        mixed = in_background(speech, sound, np.random.default_rng(1), (snr, snr))
        assert mixed.shape == speech.shape
        np.testing.assert_allclose(mixed, np.log1p(10 ** (-snr / 10)), atol=1e-4)
