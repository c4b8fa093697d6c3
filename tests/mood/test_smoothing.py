"""A mood changes only for a reason: half-life, hysteresis, dwell and absence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.config.models import SmoothingConfig
from edge.mood.fusion import Fused
from edge.mood.pooling import Array, log_probabilities
from edge.mood.smoothing import LogFilter, Smoother
from edge.vocabulary import LABELS, Mood, softmax

quick = settings(max_examples=40, deadline=None)


def sure(label: str, share: float = 0.9) -> Array:
    p = np.full(7, (1.0 - share) / 6)
    p[LABELS.index(label)] = share
    return p


def fused(p: Array, at: float) -> Fused:
    return Fused(p, "face", at, ("face",))


def play(
    smoother: Smoother, label: str, start: float, end: float, step: float = 0.1, share: float = 0.9
) -> list[Mood]:
    moments = np.arange(round((end - start) / step) + 1) * step + start
    changes = [smoother.update(fused(sure(label, share), float(t))) for t in moments]
    return [mood for mood in changes if mood is not None]


def plain(**values: object) -> Smoother:
    options = {"half_life": 0.5, "enter": 0.45, "exit": 0.3, "dwell": 1.0, "absence": 5.0, "thresholds": {}}
    return Smoother(SmoothingConfig.model_validate({**options, **values}))


distributions = arrays(np.float64, 7, elements=st.floats(1e-3, 1.0)).map(lambda p: p / p.sum())


@quick
@given(st.lists(st.tuples(distributions, st.floats(0.0, 3.0)), min_size=1, max_size=20), st.floats(0.0, 5.0))
def test_smoothed_values_are_a_distribution(sequence: list[tuple[Array, float]], half_life: float) -> None:
    smooth = LogFilter(half_life)
    now = 0.0
    for p, elapsed in sequence:
        now += elapsed
        assert smooth.update(p, now).sum() == pytest.approx(1.0)


@quick
@given(
    distributions,
    distributions,
    st.floats(0.1, 5.0),
    st.lists(st.floats(0.01, 2.0), min_size=1, max_size=10),
)
def test_how_often_it_is_sampled_makes_no_difference(
    before: Array, after: Array, half_life: float, steps: list[float]
) -> None:
    often, once = LogFilter(half_life), LogFilter(half_life)
    often.update(before, 0.0)
    once.update(before, 0.0)
    now = 0.0
    for step in steps:
        now += step
        often.update(after, now)
    once.update(after, now)
    np.testing.assert_allclose(often.probabilities, once.probabilities, atol=1e-9)


def test_after_one_half_life_old_and_new_count_alike() -> None:
    smooth = LogFilter(0.8)
    smooth.update(sure("sad"), 0.0)
    found = smooth.update(sure("happy"), 0.8)
    middle = softmax((log_probabilities(sure("sad")) + log_probabilities(sure("happy"))) / 2)
    np.testing.assert_allclose(found, middle, atol=1e-12)


@quick
@given(distributions, distributions, st.permutations(range(7)))
def test_classes_in_another_order_give_the_result_in_that_order(a: Array, b: Array, order: list[int]) -> None:
    straight, shuffled = LogFilter(1.0), LogFilter(1.0)
    straight.update(a, 0.0)
    shuffled.update(a[order], 0.0)
    np.testing.assert_allclose(shuffled.update(b[order], 0.7), straight.update(b, 0.7)[order], atol=1e-12)


def test_without_half_life_only_the_newest_counts() -> None:
    smooth = LogFilter(0.0)
    smooth.update(sure("sad"), 0.0)
    np.testing.assert_allclose(smooth.update(sure("happy"), 0.0), sure("happy"))


def test_one_reading_decides_nothing() -> None:
    smoother = plain()
    assert smoother.update(fused(sure("happy"), 0.0)) is None
    assert smoother.tick(3.0) is None
    assert smoother.current.emotion == "none"


def test_with_dwell_zero_one_reading_decides() -> None:
    mood = plain(dwell=0).update(fused(sure("happy"), 2.0), now=2.1)
    assert mood is not None
    assert (mood.emotion, mood.previous, mood.source, mood.since, mood.captured_at) == (
        "happy",
        "none",
        "face",
        2.1,
        2.0,
    )
    assert mood.confidence == pytest.approx(0.9)


def test_a_lasting_emotion_is_accepted_once_after_its_dwell() -> None:
    changes = play(plain(), "happy", 0.0, 4.0)
    assert [(mood.emotion, round(mood.since, 1)) for mood in changes] == [("happy", 1.0)]


def test_a_short_outlier_changes_nothing() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    assert play(smoother, "angry", 3.1, 3.4) == []
    assert play(smoother, "happy", 3.5, 6.0) == []
    assert smoother.current.emotion == "happy"


def test_a_challenger_that_lapses_begins_its_dwell_anew() -> None:
    smoother = plain(half_life=0)
    play(smoother, "happy", 0.0, 2.0)
    assert play(smoother, "angry", 2.1, 2.9) == []
    assert play(smoother, "happy", 3.0, 3.2) == []
    (angry,) = play(smoother, "angry", 3.3, 4.5)
    assert round(angry.since, 1) == 4.3


def test_a_new_emotion_takes_over_and_names_the_one_before() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    changes = play(smoother, "sad", 3.1, 6.0)
    assert [(mood.emotion, mood.previous) for mood in changes] == [("sad", "happy")]
    assert 4.1 <= changes[0].since <= 4.8


def test_below_the_enter_threshold_the_mood_stays() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    assert play(smoother, "sad", 3.1, 9.0, share=0.40) == []
    assert smoother.current.emotion == "happy"


def test_the_mood_is_held_until_it_falls_below_its_exit_threshold() -> None:
    p = np.array([0.0, 0.0, 0.0, 0.42, 0.58, 0.0, 0.0])
    for leave, expected in ((0.40, "happy"), (0.45, "sad")):
        smoother = plain(exit=leave)
        play(smoother, "happy", 0.0, 3.0)
        for t in np.arange(3.1, 9.0, 0.1):
            smoother.update(fused(p, float(t)))
        assert smoother.current.emotion == expected


def test_single_emotions_may_have_their_own_limits() -> None:
    smoother = plain(thresholds={"angry": {"enter": 0.8, "dwell": 2}, "happy": {"dwell": 0}})
    assert play(smoother, "angry", 0.0, 4.0, share=0.7) == []
    assert [round(m.since, 1) for m in play(smoother, "happy", 4.9, 8.0)] == pytest.approx([5.2], abs=0.3)
    [angry] = play(smoother, "angry", 8.1, 12.0)
    assert angry.since >= 10.1


def test_after_an_absence_the_mood_is_none_and_nothing_is_remembered() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    assert smoother.tick(7.9) is None
    rest = smoother.tick(8.0)
    assert rest is not None
    assert (rest.emotion, rest.previous, rest.since, rest.confidence) == ("none", "happy", 8.0, 0.0)
    assert rest.probabilities.sum() == pytest.approx(1.0)
    assert smoother.tick(20.0) is None
    smoother.update(fused(sure("sad"), 30.0))
    np.testing.assert_allclose(smoother.probabilities, sure("sad"))


def test_an_absence_nobody_ticked_through_is_noticed_by_the_next_reading() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    rest = smoother.update(fused(sure("happy"), 60.0))
    assert rest is not None
    assert rest.emotion == "none"
    assert smoother.update(fused(sure("happy"), 60.5)) is None
    again = smoother.update(fused(sure("happy"), 61.0))
    assert again is not None
    assert (again.emotion, again.previous) == ("happy", "none")


def test_somebody_who_cannot_be_judged_keeps_the_mood() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    for t in range(4, 20):
        smoother.present(float(t))
        assert smoother.tick(float(t)) is None
    assert smoother.tick(24.0) is not None


def test_a_closed_device_ends_the_mood_at_once() -> None:
    smoother = plain()
    assert smoother.rest(1.0) is None
    play(smoother, "happy", 0.0, 3.0)
    rest = smoother.rest(3.0)
    assert rest is not None
    assert rest.emotion == "none"


def test_a_clock_that_stands_or_steps_back_does_no_harm() -> None:
    smoother = plain()
    for t in (10.0, 10.0, 9.0, 10.0):
        assert smoother.update(fused(sure("happy"), t)) is None
    assert smoother.update(fused(sure("happy"), 11.0)) is not None


steps = st.tuples(distributions, st.floats(0.01, 1.0))


@quick
@given(st.lists(steps, min_size=1, max_size=60), st.floats(0.0, 2.0), st.floats(0.0, 3.0))
def test_no_change_without_evidence_and_none_sooner_than_the_dwell(
    sequence: list[tuple[Array, float]], half_life: float, dwell: float
) -> None:
    smoother = plain(half_life=half_life, dwell=dwell)
    now = 0.0
    moments = [0.0]
    for p, elapsed in sequence:
        now += elapsed
        before = smoother.current
        mood = smoother.update(fused(p, now))
        if mood is None:
            assert smoother.current is before
            continue
        assert mood.emotion == LABELS[int(np.argmax(smoother.probabilities))]
        assert mood.confidence == pytest.approx(smoother.probabilities.max())
        assert mood.confidence >= 0.45
        assert mood.emotion != before.emotion
        if before.emotion != "none":
            assert smoother.probabilities[LABELS.index(before.emotion)] < 0.3
        assert now - moments[-1] >= dwell
        moments.append(now)


@quick
@given(st.lists(distributions, min_size=2, max_size=30))
def test_uncertain_readings_never_change_anything(sequence: list[Array]) -> None:
    smoother = plain(dwell=0)
    for index, p in enumerate(sequence):
        flat = 0.3 * p + 0.7 / 7
        assert smoother.update(fused(flat, index * 0.1)) is None


def test_a_mood_whose_evidence_is_gone_is_not_sure_until_it_comes_back() -> None:
    smoother, told = plain(exit=0.3), []
    for label, start, end, share in (
        ("happy", 0.0, 3.0, 0.9),
        ("sad", 3.1, 4.6, 0.4),
        ("sad", 4.7, 7.0, 0.4),
        ("happy", 7.1, 7.3, 0.4),
        ("happy", 7.4, 10.0, 0.9),
    ):
        play(smoother, label, start, end, share=share)
        told.append((smoother.current.emotion, smoother.sure))
    assert told == [("happy", each) for each in (True, True, False, False, True)]


def test_nobody_is_never_in_doubt_and_new_limits_keep_the_doubt() -> None:
    smoother = plain()
    play(smoother, "happy", 0.0, 3.0)
    play(smoother, "sad", 3.1, 7.0, share=0.4)
    other = plain()
    other.carry_on(smoother)
    assert not other.sure
    other.tick(30.0)
    assert (other.current.emotion, other.sure) == ("none", True)
