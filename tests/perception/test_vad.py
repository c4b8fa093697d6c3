import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from speech import Sound

from edge.config.models import EnginesConfig
from edge.perception.vad import FRAME, Vad
from edge.vocabulary import SAMPLE_RATE


@pytest.fixture(scope="module")
def vad() -> Vad:
    return Vad.open(EnginesConfig())


def framed(samples: Sound) -> Sound:
    return samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)


def test_silence_and_noise_are_not_speech(vad: Vad) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (100, FRAME)).astype(np.float32)
    for sound in (np.zeros((100, FRAME), np.float32), noise):
        vad.reset()
        assert vad.probabilities(sound).max() < 0.3


def test_speech_is_speech(vad: Vad, spoken: Sound) -> None:
    vad.reset()
    assert np.mean(vad.probabilities(framed(spoken)) > 0.5) > 0.7


def test_recorded_speech_is_speech(vad: Vad, data: Path) -> None:
    rows = list(csv.DictReader((data / "speech/emodb/index.csv").open()))[:10]
    for row in rows:
        samples, rate = soundfile.read(data / "speech/emodb" / row["file"], dtype="float32")
        assert rate == SAMPLE_RATE
        vad.reset()
        assert np.mean(vad.probabilities(framed(samples)) > 0.5) > 0.5


def test_one_frame_at_a_time_is_as_many_at_once(vad: Vad, spoken: Sound) -> None:
    sound = framed(spoken)
    vad.reset()
    together = vad.probabilities(sound)
    vad.reset()
    single = [vad.probability(frame) for frame in sound]
    np.testing.assert_allclose(single, together, atol=1e-5)


def test_values_that_are_no_numbers_do_not_linger(vad: Vad) -> None:
    vad.reset()
    broken = np.full((3, FRAME), np.nan, np.float32)
    broken[1] = np.inf
    assert np.isfinite(vad.probabilities(broken)).all()
    assert np.isfinite(vad.probabilities(np.zeros((3, FRAME), np.float32))).all()


def test_no_frames_give_no_probabilities(vad: Vad) -> None:
    assert vad.probabilities(np.zeros((0, FRAME), np.float32)).shape == (0,)
