"""Calls built from clips, and their truth."""

from pathlib import Path

import numpy as np
import pytest
from training.synthetic import write_corpus

from benchmarks.calls.building import Kind, Turn, build_call, pairs_of
from benchmarks.calls.scoring import Judged, summary, truth_at
from edge.evaluation.clips import Clip, find_clips
from edge.vocabulary import LABELS, SAMPLE_RATE

NEUTRAL = LABELS.index("neutral")


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    write_corpus(tmp_path / "voices", 3, ("angry", "sad", "neutral"))
    return find_clips(tmp_path / "voices")


def test_a_stereo_call_has_a_speaker_a_channel_and_sound_where_the_truth_says(clips: list[Clip]) -> None:
    pair = pairs_of(clips)[0]
    call = build_call(clips, pair, Kind(turns=8), seed=1)
    assert len(call.channels) == 2
    assert [turn.speaker for turn in call.turns] == [pair[k % 2] for k in range(8)]
    for turn in call.turns:
        span = slice(int(turn.start * SAMPLE_RATE), int(turn.end * SAMPLE_RATE))
        levels = [float(np.abs(channel[span]).mean()) for channel in call.channels]
        assert levels[turn.channel] > 20 * levels[1 - turn.channel]
    assert all(a.end < b.start for a, b in zip(call.turns, call.turns[1:], strict=False))


def test_a_mono_call_is_one_telephone_line(clips: list[Clip]) -> None:
    call = build_call(clips, pairs_of(clips)[0], Kind(line="mono", turns=6), seed=1)
    (line,) = call.channels
    assert {turn.channel for turn in call.turns} == {0}
    power = np.square(np.abs(np.fft.rfft(line)))
    hertz = np.fft.rfftfreq(len(line), 1 / SAMPLE_RATE)
    assert power[hertz > 4200].sum() < 1e-3 * power.sum()


def test_natural_calls_are_mostly_neutral_and_balanced_ones_are_not(clips: list[Clip]) -> None:
    shares = {}
    for name in ("natural", "balanced"):
        kind = Kind("natural" if name == "natural" else "balanced", turns=60)
        labels = [turn.label for turn in build_call(clips, pairs_of(clips)[1], kind, seed=2).turns]
        shares[name] = labels.count(NEUTRAL) / len(labels)
    assert 0.55 < shares["natural"] < 0.85
    assert 0.2 < shares["balanced"] < 0.5


def test_the_same_seed_gives_the_same_call(clips: list[Clip]) -> None:
    first, second = (build_call(clips, pairs_of(clips)[0], Kind(turns=4), seed=7) for _ in range(2))
    assert first.turns == second.turns
    np.testing.assert_array_equal(first.channels[0], second.channels[0])


def test_a_window_has_a_truth_where_one_emotion_of_one_speaker_fills_it() -> None:
    turns = [Turn(0.0, 4.0, 0, "a", 0), Turn(4.5, 7.0, 0, "b", 3)]
    assert truth_at(turns, 3.0) == turns[0]
    assert truth_at(turns, 7.0) == turns[1]
    assert truth_at(turns, 5.5) is None, "half and half"
    assert truth_at(turns, 20.0) is None, "silence"
    assert truth_at([], 3.0) is None


def test_neutral_recall_is_told_for_each_speaker() -> None:
    sure = np.eye(7)
    said = [(NEUTRAL, NEUTRAL, "a")] * 4 + [(NEUTRAL, 4, "b")] * 3 + [(NEUTRAL, NEUTRAL, "b")] + [(0, 0, "b")]
    found = summary(Judged(sure[guess], label, name) for label, guess, name in said)
    assert found["neutral_recall"] == {"a": 1.0, "b": 0.25}
    assert found["worst_neutral_recall"] == 0.25
    assert found["speakers_with_80_percent"] == 1
    assert found["accuracy"] == pytest.approx(6 / 9)
    assert summary([]) == {"n": 0}
