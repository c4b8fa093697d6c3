"""How far up a voice reaches, told from the features that the model gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import speech

from edge.evaluation.channels import find_channel
from edge.perception.band import band_edge
from edge.perception.features import speech_features
from edge.vocabulary import SAMPLE_RATE


@pytest.fixture
def voice(tmp_path: Path) -> speech.Sound:
    """Spoken at 22.05 kHz."""
    return speech.say(tmp_path / "voice.wav")[: 3 * SAMPLE_RATE]


def test_a_voice_from_a_good_microphone_reaches_as_far_as_is_measured(voice: speech.Sound) -> None:
    assert band_edge(speech_features(voice)) > 6500


def test_through_a_telephone_it_ends_at_four_kilohertz(voice: speech.Sound) -> None:
    assert 3300 <= band_edge(speech_features(find_channel("telephone")(voice, 3))) <= 4500


@pytest.mark.parametrize("top", [2000.0, 3500.0])
def test_noise_of_a_known_band_is_measured_within_a_quarter(top: float) -> None:
    generator = np.random.default_rng(0)
    spectrum = np.fft.rfft(generator.normal(size=3 * SAMPLE_RATE))
    spectrum[np.fft.rfftfreq(3 * SAMPLE_RATE, 1 / SAMPLE_RATE) > top] = 0
    noise = (0.05 * np.fft.irfft(spectrum)).astype(np.float32)
    assert band_edge(speech_features(noise)) == pytest.approx(top, rel=0.25)
