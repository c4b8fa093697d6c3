import numpy as np
import pytest
from python_speech_features import get_filterbanks

from edge.perception.features import BANDS, FFT, HIGH, LOW
from edge.perception.mel import difference, mel_bank
from edge.vocabulary import SAMPLE_RATE


@pytest.mark.parametrize(
    ("bands", "fft", "rate", "low", "high"),
    [(BANDS, FFT, SAMPLE_RATE, LOW, HIGH), (26, 512, 16000, 0.0, 8000.0), (40, 1024, 8000, 20.0, 3900.0)],
)
def test_the_bank_is_that_of_python_speech_features(
    bands: int, fft: int, rate: int, low: float, high: float
) -> None:
    theirs = get_filterbanks(bands, fft, rate, low, high)
    assert np.array_equal(mel_bank(bands, fft, rate, low, high), theirs)
    assert difference(bands, fft, rate, low, high) == 0.0


def test_another_range_is_another_bank() -> None:
    ours = mel_bank(BANDS, FFT, SAMPLE_RATE, LOW, HIGH)
    assert np.abs(ours - mel_bank(BANDS, FFT, SAMPLE_RATE, 2 * LOW, HIGH)).max() > 0.1
