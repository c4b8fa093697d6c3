import numpy as np
import pytest

from edge.capture.sound.chunker import Chunker
from edge.capture.sound.resample import Resampler, to_float


def tone(rate: int, seconds: float = 1.0, frequency: float = 440.0) -> np.ndarray:
    return np.asarray(0.5 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate), np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_every_rate_comes_out_at_16_khz_in_the_same_pitch_and_level(rate: int) -> None:
    resampler = Resampler(rate)
    blocks = np.array_split(tone(rate), 37)
    parts = [resampler.feed(block) for block in blocks[:-1]] + [resampler.feed(blocks[-1], last=True)]
    sound = np.concatenate(parts)
    assert len(sound) == pytest.approx(16_000, abs=2)
    middle = sound[2000:14000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * 16_000 / len(middle) == pytest.approx(440, abs=2)


def test_pitches_beyond_the_new_rate_do_not_fold_back() -> None:
    sound = Resampler(48_000).feed(tone(48_000, frequency=10_000), last=True)
    assert np.sqrt(np.mean(sound[1000:-1000] ** 2)) < 1e-3


def test_sound_on_its_way_is_accounted_for() -> None:
    resampler = Resampler(48_000)
    given = sum(len(resampler.feed(block)) for block in np.array_split(tone(48_000), 30))
    assert resampler.pending == pytest.approx(1.0 - given / 16_000)
    assert 0 <= resampler.pending < 0.1


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64])
def test_integers_are_scaled_to_one(dtype: type) -> None:
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    assert to_float(np.array([low, 0, high], dtype)) == pytest.approx([-1, 0, 1], abs=1e-4)


def test_bytes_are_unsigned_around_128() -> None:
    assert to_float(np.array([0, 128, 255], np.uint8)) == pytest.approx([-1, 0, 1], abs=0.01)


def test_what_is_no_number_becomes_silence() -> None:
    assert to_float(np.array([np.nan, np.inf, 0.5], np.float32)).tolist() == [0, 0, 0.5]


def test_chunks_have_one_length_and_carry_their_end() -> None:
    chunker = Chunker(start=2.0)
    chunks = list(chunker.feed(np.zeros(1500, np.float32))) + list(chunker.feed(np.zeros(1500, np.float32)))
    chunks += list(chunker.flush())
    assert [len(chunk.samples) for chunk in chunks] == [1024, 1024, 952]
    assert [chunk.captured_at for chunk in chunks] == pytest.approx([2.064, 2.128, 2.1875])
    assert not list(chunker.flush())
