"""Properties that every pooling rule must have, and the values of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.mood.pooling import (
    RULES,
    Array,
    FusionParameters,
    Rule,
    fuse_fscore,
    fuse_loglinear,
    fuse_mean,
    fuse_product,
)

every_rule = pytest.mark.parametrize("rule", list(RULES))
quick = settings(max_examples=30, deadline=None)


def _normalise(values: Array) -> Array:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))


distributions = arrays(np.float64, 7, elements=st.floats(1e-4, 1.0)).map(_normalise)
qualities = st.floats(0.01, 1.0)
scores = arrays(np.float64, 7, elements=st.floats(0.0, 1.0))
parameters = st.builds(
    FusionParameters,
    face_weight=st.floats(0.1, 3.0),
    speech_weight=st.floats(0.1, 3.0),
    prior=distributions,
    face_f1=scores,
    speech_f1=scores,
)


@every_rule
@quick
@given(face=distributions, speech=distributions, weights=parameters, a=qualities, b=qualities)
def test_the_result_is_a_distribution(
    rule: Rule, face: Array, speech: Array, weights: FusionParameters, a: float, b: float
) -> None:
    fused = RULES[rule](face, speech, weights, face_quality=a, speech_quality=b)
    assert fused.shape == (7,)
    assert fused.sum() == pytest.approx(1.0)
    assert (fused >= 0).all()


@every_rule
@quick
@given(face=distributions, speech=distributions, weights=parameters, order=st.permutations(range(7)))
def test_classes_in_another_order_give_the_result_in_that_order(
    rule: Rule, face: Array, speech: Array, weights: FusionParameters, order: list[int]
) -> None:
    shuffled = FusionParameters(
        face_weight=weights.face_weight,
        speech_weight=weights.speech_weight,
        prior=weights.prior[order],
        face_f1=weights.face_f1[order],
        speech_f1=weights.speech_f1[order],
    )
    expected = RULES[rule](face, speech, weights)[order]
    np.testing.assert_allclose(RULES[rule](face[order], speech[order], shuffled), expected, atol=1e-12)


@every_rule
@quick
@given(face=distributions, speech=distributions, weights=parameters)
def test_a_missing_sense_leaves_the_other_untouched(
    rule: Rule, face: Array, speech: Array, weights: FusionParameters
) -> None:
    fuse = RULES[rule]
    nothing = np.full(7, np.nan)
    for alone in (
        fuse(face, None, weights),
        fuse(face, speech, weights, speech_quality=0.0),
        fuse(face, nothing, weights),
        fuse(face, speech, weights, speech_quality=np.nan),
        fuse(face, None, weights, face_quality=0.01),
    ):
        np.testing.assert_array_equal(alone, face)
    np.testing.assert_array_equal(fuse(None, speech, weights), speech)


@every_rule
def test_with_nobody_there_only_the_prior_is_left(rule: Rule) -> None:
    prior = _normalise(np.arange(1.0, 8.0))
    weights = FusionParameters(prior=prior)
    np.testing.assert_array_equal(RULES[rule](prior[::-1], None, weights, face_quality=0.0), prior)


@every_rule
@quick
@given(data=st.data(), weights=parameters)
def test_a_batch_is_fused_row_by_row(rule: Rule, data: st.DataObject, weights: FusionParameters) -> None:
    face = np.array([data.draw(distributions) for _ in range(4)])
    speech = np.array([data.draw(distributions) for _ in range(4)])
    a, b = np.array([1.0, 0.0, 0.5, 0.0]), np.array([1.0, 1.0, 0.0, 0.0])
    together = RULES[rule](face, speech, weights, face_quality=a, speech_quality=b)
    single = [
        RULES[rule](face[i], speech[i], weights, face_quality=a[i], speech_quality=b[i]) for i in range(4)
    ]
    np.testing.assert_allclose(together, single, atol=1e-12)


@every_rule
@quick
@given(face=distributions, speech=distributions, weights=parameters, label=st.integers(0, 6))
def test_more_evidence_for_an_emotion_never_lowers_it(
    rule: Rule, face: Array, speech: Array, weights: FusionParameters, label: int
) -> None:
    stronger = face.copy()
    stronger[label] += 0.5
    before = RULES[rule](face, speech, weights)[label]
    after = RULES[rule](_normalise(stronger), speech, weights)[label]
    assert after >= before - 1e-12


@quick
@given(face=distributions, speech=distributions, a=qualities)
def test_lower_quality_moves_the_mean_towards_the_other(face: Array, speech: Array, a: float) -> None:
    whole = np.abs(fuse_mean(face, speech) - speech).sum()
    part = np.abs(fuse_mean(face, speech, face_quality=a) - speech).sum()
    assert part <= whole + 1e-12


FACE = np.array([0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1])
SPEECH = np.array([0.3, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1])


def test_loglinear_is_the_published_formula() -> None:
    prior = _normalise(np.array([1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0]))
    weights = FusionParameters(face_weight=1.3, speech_weight=0.6, prior=prior)
    a, b = 1.3 * 0.5, 0.6 * 0.8
    expected = _normalise(FACE**a * SPEECH**b / prior ** (a + b - 1))
    found = fuse_loglinear(FACE, SPEECH, weights, face_quality=0.5, speech_quality=0.8)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_loglinear_of_independent_senses_is_bayes_rule() -> None:
    prior = _normalise(np.arange(1.0, 8.0))
    likelihood = np.array([0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    once = _normalise(prior * likelihood)
    twice = _normalise(prior * likelihood * likelihood)
    np.testing.assert_allclose(fuse_loglinear(once, once, FusionParameters(prior=prior)), twice, atol=1e-9)


def test_product_mean_and_fscore_by_hand() -> None:
    np.testing.assert_allclose(fuse_product(FACE, SPEECH), _normalise(FACE * SPEECH), atol=1e-12)
    np.testing.assert_allclose(fuse_mean(FACE, SPEECH), (FACE + SPEECH) / 2, atol=1e-12)
    f1_face, f1_speech = np.linspace(0.2, 0.8, 7), np.linspace(0.9, 0.3, 7)
    share = f1_face / (f1_face + f1_speech)
    weights = FusionParameters(face_f1=f1_face, speech_f1=f1_speech)
    expected = _normalise(share * FACE + (1 - share) * SPEECH)
    np.testing.assert_allclose(fuse_fscore(FACE, SPEECH, weights), expected, atol=1e-12)


def test_fscore_without_any_score_is_the_mean() -> None:
    nothing = FusionParameters(face_f1=np.zeros(7), speech_f1=np.zeros(7))
    np.testing.assert_allclose(fuse_fscore(FACE, SPEECH, nothing), fuse_mean(FACE, SPEECH), atol=1e-6)


def test_a_weight_of_zero_switches_a_sense_off() -> None:
    off = FusionParameters(face_weight=0.0)
    np.testing.assert_array_equal(fuse_loglinear(FACE, SPEECH, off), SPEECH)


@pytest.mark.parametrize("fuse", [fuse_loglinear, fuse_product])
def test_a_certain_sense_does_not_divide_by_zero(fuse: Callable[..., Array]) -> None:
    happy, sad = np.eye(7)[3], np.eye(7)[4]
    fused = fuse(happy, sad, FusionParameters())
    assert np.isfinite(fused).all()
    assert fused[3] == pytest.approx(fused[4])
