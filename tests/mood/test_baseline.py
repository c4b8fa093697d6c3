"""What is usual for one voice, on plain values."""

from __future__ import annotations

import numpy as np
import pytest

from edge.mood.baseline import Baseline, evened
from edge.vocabulary import LABELS, Reading

NEUTRAL_SHARE = 0.55


def reading(at: float, **shares: float) -> Reading:
    p = np.full(7, (1 - sum(shares.values())) / (7 - len(shares)))
    for emotion, share in shares.items():
        p[LABELS.index(emotion)] = share
    return Reading("speech", p, 1.0, at)


def talk(start: float, seconds: float, **shares: float) -> list[Reading]:
    return [reading(start + at, **shares) for at in np.arange(0, seconds, 0.5).tolist()]


def heard(baseline: Baseline, readings: list[Reading]) -> list[str]:
    return [baseline.hear(one).emotion for one in readings]


def test_a_voice_that_sounds_sad_all_the_time_is_neutral_after_a_while() -> None:
    said = heard(Baseline(NEUTRAL_SHARE), talk(0, 60, sad=0.45, neutral=0.35))
    assert said[0] == "sad"
    assert set(said[-60:]) == {"neutral"}


def test_a_voice_as_expected_is_left_as_it_is() -> None:
    baseline = Baseline(NEUTRAL_SHARE)
    heard(baseline, talk(0, 60, neutral=NEUTRAL_SHARE))
    np.testing.assert_allclose(baseline.bias, 0, atol=1e-9)


def test_an_anger_of_minutes_stays_anger() -> None:
    baseline = Baseline(NEUTRAL_SHARE)
    heard(baseline, talk(0, 30, neutral=0.6))
    said = heard(baseline, talk(30, 600, angry=0.62, neutral=0.2))
    assert set(said) == {"angry"}


def test_an_emotion_that_begins_the_call_is_not_learnt_away_either_when_it_is_sure() -> None:
    said = heard(Baseline(NEUTRAL_SHARE), talk(0, 300, angry=0.9, neutral=0.03))
    assert set(said) == {"angry"}


def test_no_emotion_is_moved_by_more_than_a_factor_of_e() -> None:
    baseline = Baseline(NEUTRAL_SHARE)
    heard(baseline, talk(0, 3600, happy=0.49, neutral=0.01))
    assert np.abs(baseline.bias).max() <= 1.0


def test_half_is_forgotten_in_ten_minutes_of_silence_and_all_when_told_so() -> None:
    baseline = Baseline(NEUTRAL_SHARE)
    heard(baseline, talk(0, 20, sad=0.45, neutral=0.35))
    before = baseline.bias
    baseline.hear(reading(6000, neutral=NEUTRAL_SHARE))
    assert np.abs(baseline.bias).max() < 0.1 * np.abs(before).max()
    baseline.forget()
    np.testing.assert_allclose(baseline.bias, 0, atol=1e-9)


def test_readings_stay_distributions_and_nothing_is_learnt_from_what_is_not_one() -> None:
    baseline = Baseline(NEUTRAL_SHARE)
    for one in talk(0, 30, fear=0.7):
        assert baseline.hear(one).probabilities.sum() == pytest.approx(1)
    before = baseline.bias
    baseline.hear(Reading("speech", np.full(7, np.nan), 1.0, 31))
    np.testing.assert_array_equal(baseline.bias, before)


def test_two_passes_know_the_voice_from_its_first_word() -> None:
    said = [one.emotion for one in evened(talk(0, 60, sad=0.45, neutral=0.35), NEUTRAL_SHARE)]
    assert set(said) == {"neutral"}


def test_another_one_carries_on() -> None:
    first, second = Baseline(NEUTRAL_SHARE), Baseline(NEUTRAL_SHARE)
    heard(first, talk(0, 30, sad=0.45, neutral=0.35))
    second.carry_on(first)
    np.testing.assert_array_equal(second.bias, first.bias)
