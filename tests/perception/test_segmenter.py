from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.models import VadConfig
from edge.perception.segmenter import SpeechSegmenter, Utterance, decibels
from edge.perception.vad import FRAME
from edge.vocabulary import AudioChunk

RATE = 16_000


class LoudIsSpeech:
    """Takes loud frames for speech; as sure as they are loud."""

    def __init__(self) -> None:
        self.resets = 0

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        return np.asarray(np.minimum(np.abs(frames).max(axis=1) * 2, 1.0), np.float32)

    def reset(self) -> None:
        self.resets += 1


def segmenter(**config: float) -> SpeechSegmenter:
    return SpeechSegmenter(vad=LoudIsSpeech(), config=VadConfig(**config))


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Seconds at an amplitude, one after the other."""
    return np.concatenate([np.full(round(s * RATE), level, np.float32) for s, level in parts])


def play(to: SpeechSegmenter, samples: np.ndarray, step: int = 1600, start: float = 0.0) -> list[Utterance]:
    given: list[Utterance] = []
    for at in range(0, len(samples), step):
        part = samples[at : at + step]
        given += to.push(AudioChunk(part, start + (at + len(part)) / RATE))
    return given


def times(utterances: Iterable[Utterance]) -> list[float]:
    return [utterance.window.captured_at for utterance in utterances]


def test_windows_come_every_hop_once_there_is_enough_speech() -> None:
    given = times(play(segmenter(), sound((1, 0), (3, 0.5))))
    assert given[0] == pytest.approx(2.0, abs=0.04)
    assert np.diff(given) == pytest.approx(0.5, abs=0.04)
    assert len(given) == 4


def test_a_window_ends_at_its_capture_time_and_holds_what_was_heard() -> None:
    samples = np.concatenate([sound((0.32, 0)), np.linspace(0.5, 0.9, 2 * RATE, dtype=np.float32)])
    utterance = play(segmenter(), samples)[-1]
    end = round(utterance.window.captured_at * RATE)
    heard = samples[:end]
    np.testing.assert_array_equal(utterance.window.samples, heard[-len(utterance.window.samples) :])


def test_a_window_is_at_most_three_seconds() -> None:
    given = play(segmenter(), sound((8, 0.5)))
    assert max(len(utterance.window.samples) for utterance in given) <= 3 * RATE
    assert len(given[-1].window.samples) > 2.9 * RATE


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_silence_and_what_is_not_speech_give_nothing(level: float) -> None:
    assert play(segmenter(), sound((10, level))) == []


def test_less_than_the_least_speech_gives_nothing() -> None:
    assert play(segmenter(min_speech=1.0), sound((1, 0), (0.9, 0.5), (3, 0))) == []


def test_short_pauses_are_cut_out_but_long_ones_start_anew() -> None:
    pause = segmenter()
    assert len(play(pause, sound((0.7, 0.5), (1.0, 0), (0.7, 0.5)))) == 1
    anew = segmenter()
    assert play(anew, sound((0.7, 0.5), (2.5, 0), (0.7, 0.5))) == []


def test_a_pause_is_left_out_of_the_window_but_for_its_edges() -> None:
    utterance = play(segmenter(), sound((0.7, 0.5), (1.5, 0), (0.7, 0.5)))[-1]
    silent = np.mean(utterance.window.samples == 0) * len(utterance.window.samples) / RATE
    assert 0.1 < silent < 0.3
    assert utterance.window.voiced == pytest.approx(
        1 - silent * RATE / len(utterance.window.samples), abs=0.05
    )


def test_nothing_is_given_after_speech_has_ended() -> None:
    given = times(play(segmenter(), sound((2, 0.5), (1.9, 0))))
    assert max(given) <= 2.05


def test_speaking_is_true_during_speech_only() -> None:
    state = segmenter()
    heard = [state.speaking]
    for part in ((1, 0.5), (0.5, 0)):
        play(state, sound(part))
        heard.append(state.speaking)
    assert heard == [False, True, False]


def test_level_and_signal_to_noise_are_told_in_decibels() -> None:
    utterance = play(segmenter(), sound((2, 0.005), (1.2, 0.5)))[-1]
    assert utterance.level == pytest.approx(decibels(np.full(9, 0.5, np.float32)), abs=0.1)
    assert utterance.snr == pytest.approx(40, abs=1)
    assert utterance.probability == pytest.approx(1.0)


def test_after_a_reset_nothing_is_remembered() -> None:
    state = segmenter()
    play(state, sound((0.9, 0.5)))
    state.reset()
    assert play(state, sound((0.9, 0.5)), start=5) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=20))
def test_the_windows_do_not_depend_on_the_size_of_the_chunks(sizes: list[int]) -> None:
    samples = sound((0.5, 0), (2, 0.5), (0.5, 0), (1.5, 0.6))
    expected = play(segmenter(), samples, step=FRAME)
    state, at, given_now, turn = segmenter(), 0, list[Utterance](), 0
    while at < len(samples):
        part = samples[at : at + sizes[turn % len(sizes)]]
        at, turn = at + len(part), turn + 1
        given_now += state.push(AudioChunk(part, at / RATE))
    assert times(given_now) == pytest.approx(times(expected))
    for one, other in zip(given_now, expected, strict=True):
        np.testing.assert_array_equal(one.window.samples, other.window.samples)
