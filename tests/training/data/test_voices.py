import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import DataError
from edge.training.data.sound import Background, SoundAugment
from edge.training.data.voices import OtherVoice, changed
from edge.vocabulary import SAMPLE_RATE

Sound = NDArray[np.float32]
NOTHING = Background([], [])


def vowel(pitch: float, formant: float = 700.0, seconds: float = 0.8) -> Sound:
    """Pulses at `pitch` that ring at `formant`, with a tempo of 4 Hz."""
    t = np.arange(int(seconds * SAMPLE_RATE))
    pulses = np.zeros(len(t))
    pulses[:: int(SAMPLE_RATE / pitch)] = 1.0
    n = np.arange(400)
    ring = np.exp(-n / 60) * np.sin(2 * np.pi * formant * n / SAMPLE_RATE)
    tempo = 1 + 0.5 * np.sin(2 * np.pi * 4 * t / SAMPLE_RATE)
    return np.asarray(0.3 * np.convolve(pulses, ring)[: len(t)] * tempo, dtype=np.float32)


def spectrum(samples: Sound) -> NDArray[np.float64]:
    return np.asarray(np.abs(np.fft.rfft(samples * np.hanning(len(samples)), SAMPLE_RATE)), dtype=np.float64)


def pitch_of(samples: Sound) -> float:
    lags = np.fft.irfft(np.square(np.abs(np.fft.rfft(samples, 2 * len(samples)))))[40:400]
    return float(SAMPLE_RATE / (40 + int(lags.argmax())))


def formant_of(samples: Sound) -> float:
    """Centre of the energy between 300 and 1500 Hz."""
    energy = np.square(spectrum(samples)[300:1500])
    return float((np.arange(300, 1500) * energy).sum() / energy.sum())


@pytest.fixture
def _praat() -> None:
    pytest.importorskip("parselmouth", reason="praat-parselmouth has no wheel here: pip install it to test")


@pytest.mark.usefixtures("_praat")
@pytest.mark.parametrize("factor", [0.75, 1.0, 1.35])
def test_the_pitch_changes_and_the_formants_stay(factor: float) -> None:
    voice = vowel(160.0)
    other = changed(voice, factor, 1.0)
    assert other.dtype == np.float32
    assert abs(len(other) - len(voice)) < 0.02 * SAMPLE_RATE
    assert pitch_of(other) == pytest.approx(160 * factor, rel=0.04)
    assert formant_of(other) == pytest.approx(formant_of(voice), rel=0.08)


@pytest.mark.usefixtures("_praat")
@pytest.mark.parametrize("factor", [0.87, 1.15])
def test_the_formants_change_and_the_pitch_stays(factor: float) -> None:
    voice = vowel(120.0)
    other = changed(voice, 1.0, factor)
    assert pitch_of(other) == pytest.approx(pitch_of(voice), rel=0.04)
    assert formant_of(other) == pytest.approx(formant_of(voice) * factor, rel=0.06)


@pytest.mark.usefixtures("_praat")
@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(16000, np.float32),
        np.zeros(50, np.float32),
        np.random.default_rng(0).normal(0, 0.01, 16000).astype(np.float32),
    ],
    ids=["silence", "too short", "hiss"],
)
def test_what_has_no_pitch_comes_back_as_it_is(sound: Sound) -> None:
    np.testing.assert_array_equal(changed(sound, 1.2, 1.1), sound)


@pytest.mark.usefixtures("_praat")
def test_voices_differ_and_can_be_made_again() -> None:
    other = OtherVoice(sound=SoundAugment(speed=0.0, room=0.0, noise=0.0))
    made = [other(vowel(160.0), NOTHING, np.random.default_rng(seed)) for seed in (1, 2, 1)]
    assert abs(pitch_of(made[0]) - pitch_of(made[1])) > 3
    np.testing.assert_array_equal(made[0], made[2])


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parselmouth", None)
    with pytest.raises(DataError, match="pip install"):
        changed(vowel(160.0), 1.1, 1.0)
