import numpy as np
import pytest

from edge.capture.sound.mono import Downmix

RATE = 16_000
Sound = np.ndarray


def voice(seconds: float = 1.0, pitch: float = 200.0) -> Sound:
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def hiss(seconds: float = 1.0, seed: int = 0, level: float = 0.01) -> Sound:
    return np.random.default_rng(seed).normal(0, level, int(RATE * seconds)).astype(np.float32)


def mixed(*channels: Sound, block: int = 512) -> Sound:
    mix, samples = Downmix(), np.stack(channels, axis=1)
    return np.concatenate([mix(samples[at : at + block]) for at in range(0, len(samples), block)])


def level(samples: Sound) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def test_channels_are_averaged() -> None:
    assert Downmix()(np.array([[1.0, 0.0], [0.5, 0.25]], np.float32)).tolist() == [0.5, 0.375]
    assert np.array_equal(mixed(voice(), voice()), voice())


def test_one_channel_is_left_as_it_is() -> None:
    assert np.array_equal(mixed(voice()), voice())


@pytest.mark.parametrize("count", [2, 4, 6])
def test_a_voice_in_opposite_phase_is_kept_at_its_level(count: int) -> None:
    channels = [voice() if index % 2 else -voice() for index in range(count)]
    assert level(mixed(*channels)) == pytest.approx(level(voice()), rel=0.02)


def test_a_voice_in_opposite_phase_is_kept_over_noise_that_came_first() -> None:
    left = np.concatenate([hiss(2, 1), voice() + hiss(1, 2)])
    right = np.concatenate([hiss(2, 3), -voice() + hiss(1, 4)])
    assert level(mixed(left, right)[-RATE:]) == pytest.approx(level(voice()), rel=0.1)


def test_unlike_voices_and_one_sided_voices_are_simply_averaged() -> None:
    other, silence = voice(pitch=333.0), np.zeros(RATE, np.float32)
    assert mixed(voice(), other) == pytest.approx((voice() + other) / 2, abs=1e-6)
    assert mixed(voice(), silence) == pytest.approx(voice() / 2, abs=1e-6)


def test_a_cable_put_right_is_noticed() -> None:
    left = np.concatenate([voice(1), voice(3, pitch=150)])
    right = np.concatenate([-voice(1), voice(3, pitch=150)])
    assert level(mixed(left, right)[-RATE:]) == pytest.approx(level(voice()), rel=0.02)


def test_what_is_no_number_does_not_linger() -> None:
    mix = Downmix()
    mix(np.full((512, 2), np.nan, np.float32))
    samples = np.stack([voice(), -voice()], axis=1)
    assert level(mix(samples)) == pytest.approx(level(voice()), rel=0.02)


def test_no_samples_give_no_samples() -> None:
    assert len(Downmix()(np.zeros((0, 2), np.float32))) == 0
