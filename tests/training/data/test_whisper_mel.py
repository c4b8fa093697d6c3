"""The spectrogram that Whisper hears."""

import numpy as np

from edge.training.data.whisper_mel import BANDS, whisper_mel
from edge.vocabulary import SAMPLE_RATE


def tone(hertz: float, seconds: float = 0.5) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(0.1 * np.sin(2 * np.pi * hertz * t), dtype=np.float32)


def test_a_frame_every_10_ms_around_its_sample() -> None:
    silence = np.zeros(SAMPLE_RATE, np.float32)
    silence[4800:4810] = 0.5
    mel = whisper_mel(silence)
    assert mel.shape == (101, BANDS)
    assert abs(int(mel.sum(axis=1).argmax()) - 30) <= 1


def test_tones_stand_in_the_slaney_bands() -> None:
    """The linear part has a band every 200 / 3 * 45.2 / 81 Hz, the first around 37 Hz."""
    for hertz, band in ((300, 7), (600, 15), (900, 23)):
        assert abs(int(whisper_mel(tone(hertz))[25].argmax()) - band) <= 1
    assert int(whisper_mel(tone(4000))[25].argmax()) > int(whisper_mel(tone(2000))[25].argmax()) + 10


def test_the_level_drops_out_and_8_powers_of_ten_stay() -> None:
    sound = tone(440) + np.float32(0.01) * tone(3000)
    assert np.allclose(whisper_mel(sound), whisper_mel(sound * np.float32(0.05)), atol=0.02)
    mel = whisper_mel(sound)
    assert np.isclose(mel.max() - mel.min(), 2.0)
