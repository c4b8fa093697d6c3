import time

import numpy as np
import pytest
from numpy.typing import NDArray
from python_speech_features import fbank

from edge.perception.features import (
    BANDS,
    FFT,
    FRAMES,
    HIGH,
    LOW,
    PREEMPHASIS,
    fit_frames,
    log_mel,
    normalise,
    speech_features,
)
from edge.vocabulary import SAMPLE_RATE

GOLDEN = [-0.9789, 8.9721, -0.6777, -0.9789, 3.3272]


def sweep(seconds: float = 3.0) -> NDArray[np.float32]:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tone = 0.3 * np.sin(2 * np.pi * (120 + 900 * t) * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2
    hiss = ((np.arange(len(t)) * 7919) % 1013) / 1013 - 0.5
    return np.asarray(tone + 0.02 * hiss, dtype=np.float32)


def test_equals_python_speech_features() -> None:
    samples = sweep() + np.random.default_rng(0).normal(0, 0.01, 48000).astype(np.float32)
    energies, _ = fbank(
        samples.astype(float), SAMPLE_RATE, 0.064, 0.016, BANDS, FFT, LOW, HIGH, PREEMPHASIS, np.hamming
    )
    assert np.allclose(log_mel(samples), np.log(energies)[:FRAMES], atol=1e-3)


def test_golden_vector() -> None:
    features = speech_features(sweep())
    found = features[0, [12, 30, 45, 55, 63], [3, 50, 90, 120, 183]]
    assert np.allclose(found, GOLDEN, atol=2e-3), found


@pytest.mark.parametrize("seconds", [0.01, 0.4, 1.7, 3.0, 9.0])
def test_shape_is_fixed_for_any_length(seconds: float) -> None:
    features = speech_features(sweep(seconds))
    assert features.shape == (1, BANDS, FRAMES)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@pytest.mark.parametrize("gain", [1e-3, 0.2, 3.0])
def test_level_does_not_matter(gain: float) -> None:
    assert np.allclose(speech_features(sweep() * np.float32(gain)), speech_features(sweep()), atol=1e-2)


def test_silence_is_finite_and_flat() -> None:
    assert np.abs(speech_features(np.zeros(48000, np.float32))).max() < 1e-5


def test_what_lies_60_decibels_below_the_loudest_is_floored() -> None:
    features = normalise(np.array([[0.0, -5.0], [-20.0, -40.0]], dtype=np.float32))
    assert features[1, 0] == features[1, 1]
    assert features[0, 0] - features[1, 0] == pytest.approx(np.log(1e6), abs=1e-4)
    assert features.mean() == pytest.approx(0.0, abs=1e-5)


def test_a_short_utterance_starts_over() -> None:
    frames = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert np.array_equal(fit_frames(frames, 7)[:, 0], [0, 2, 4, 0, 2, 4, 0])
    assert np.array_equal(fit_frames(frames, 2)[:, 0], [0, 2])


@pytest.mark.parametrize("bad", [np.zeros(0, np.float32), np.zeros((2, 10), np.float32)])
def test_no_sound_is_refused(bad: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="mono samples"):
        speech_features(bad)


def test_takes_a_small_share_of_real_time() -> None:
    samples = sweep()
    speech_features(samples)
    times = []
    for _ in range(20):
        started = time.thread_time()
        speech_features(samples)
        times.append(time.thread_time() - started)
    assert min(times) < 0.03
