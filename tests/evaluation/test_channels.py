"""What channels leave of a sound, measured in its spectrum."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.channels import CHANNELS, band_limited, denoised, find_channel, overdriven
from edge.evaluation.codecs import Codec, through_codec
from edge.vocabulary import SAMPLE_RATE

Sound = NDArray[np.float32]
CODED = ("telephone", "mobile", "messenger", "recording")


def speech_like(seed: int = 0, seconds: float = 2.0) -> Sound:
    """Harmonics up to 7 kHz that swell four times a second, over a little hiss."""
    generator = np.random.default_rng(seed)
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 140 * (1 + 0.1 * np.sin(2 * np.pi * 1.3 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    tone = sum(np.sin(k * phase + k) / k**0.5 for k in range(1, 50))
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
    return np.asarray(0.05 * tone * swell + 1e-3 * generator.normal(size=len(t)), dtype=np.float32)


def energy(sound: Sound, low: float, high: float) -> float:
    """Share of a band (Hz) in the whole, in dB."""
    power = np.square(np.abs(np.fft.rfft(sound.astype(np.float64))))
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / power.sum() + 1e-12))


@pytest.mark.parametrize("name", list(CHANNELS))
def test_a_channel_keeps_length_and_type_and_is_a_function_of_sound_and_seed(name: str) -> None:
    sound = speech_like()
    before = sound.copy()
    made = [CHANNELS[name](sound, seed) for seed in (3, 3)]
    assert made[0].shape == sound.shape
    assert made[0].dtype == np.float32
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(sound, before)
    assert any(not np.allclose(CHANNELS[name](sound, seed), made[0], atol=1e-4) for seed in range(4, 9))


@pytest.mark.parametrize("name", list(CHANNELS))
def test_silence_and_a_moment_survive(name: str) -> None:
    assert np.abs(CHANNELS[name](np.zeros(SAMPLE_RATE, np.float32), 1)).max() < 0.01
    assert CHANNELS[name](speech_like(seconds=0.05), 1).shape == (800,)


@pytest.mark.parametrize("name", ["telephone", "mobile"])
def test_a_telephone_has_no_treble_and_no_bass(name: str) -> None:
    sound = speech_like()
    for seed in range(4):
        heard = find_channel(name)(sound, seed)
        assert energy(sound, 4200, 8000) > -12
        assert energy(heard, 4200, 8000) < -35
        assert energy(heard, 0, 120) < energy(sound, 0, 120) - 6 or energy(heard, 0, 120) < -40
        assert energy(heard, 300, 3400) > -1.5


@pytest.mark.parametrize("name", CODED)
def test_a_codec_does_not_delay_the_sound(name: str) -> None:
    sound = speech_like()
    heard = find_channel(name)(sound, 5)
    envelope = [np.abs(each).reshape(-1, 160).mean(1) for each in (sound, heard)]
    shifts = range(-8, 9)
    likeness = [
        np.corrcoef(envelope[0][10:-10], np.roll(envelope[1], shift)[10:-10])[0, 1] for shift in shifts
    ]
    assert abs(shifts[int(np.argmax(likeness))]) <= 1
    assert max(likeness) > 0.9


def test_mu_law_adds_noise_of_about_38_db_below_the_sound() -> None:
    sound = band_limited(speech_like() * 3, 300, 3400)
    heard = through_codec(sound, Codec("pcm_mulaw", "wav", 8000))
    noise = heard[800:-800] - sound[800:-800]
    ratio = 10 * np.log10(np.square(sound[800:-800]).mean() / np.square(noise).mean())
    assert 25 < ratio < 42


def test_overdriven_sound_is_flat_at_its_peaks() -> None:
    heard = overdriven(speech_like(), 2)
    peak = np.abs(heard).max()
    assert (np.abs(heard) > 0.999 * peak).mean() > 5e-4
    assert peak < np.abs(speech_like()).max()


def test_a_spectral_gate_lowers_the_noise_between_words_and_leaves_the_words() -> None:
    generator = np.random.default_rng(0)
    words = speech_like()
    words[SAMPLE_RATE // 2 : SAMPLE_RATE] = 0
    noisy = np.asarray(words + 0.004 * generator.normal(size=len(words)), dtype=np.float32)
    heard = denoised(noisy, 1)
    pause, spoken = slice(9000, 15000), slice(18000, 30000)
    level = [10 * np.log10(np.square(each[pause]).mean()) for each in (noisy, heard)]
    assert level[1] < level[0] - 3
    assert np.corrcoef(noisy[spoken], heard[spoken])[0, 1] > 0.95


def test_an_unknown_channel_names_the_known_ones() -> None:
    with pytest.raises(DataError, match="no channel 'pigeon'; channels: telephone, mobile"):
        find_channel("pigeon")


def test_a_codec_that_ffmpeg_lacks_is_named() -> None:
    codec = Codec("no_such_codec", "wav", 8000)
    assert not codec.available
    with pytest.raises(DataError, match="FFmpeg has no encoder no_such_codec"):
        through_codec(speech_like(seconds=0.2), codec)
