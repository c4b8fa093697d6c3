import numpy as np
import pytest

from edge.evaluation.fitting import Stacking, fit_scales, fit_temperature, fit_weights
from edge.evaluation.metrics import Ids, Matrix, nll
from edge.mood.pooling import fuse_loglinear, log_probabilities, uniform
from edge.vocabulary import softmax


def drawn(strength: float, labels: Ids, seed: int) -> Matrix:
    logits = np.random.default_rng(seed).normal(size=(len(labels), 7))
    logits[np.arange(len(labels)), labels] += strength
    return logits


def labels(n: int = 1500) -> Ids:
    return np.random.default_rng(9).integers(0, 7, n).astype(np.int64)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_finds_the_temperature_that_was_applied(temperature: float) -> None:
    y = labels(4000)
    logits = drawn(2.0, y, 1)
    base = fit_temperature(logits, y)
    assert fit_temperature(logits * temperature, y) == pytest.approx(base * temperature, rel=1e-3)


def test_no_other_temperature_is_likelier() -> None:
    y = labels()
    logits = drawn(2.0, y, 2) * 2.5
    best = fit_temperature(logits, y)
    losses = [nll(softmax(logits / t), y) for t in (best * 0.9, best, best * 1.1)]
    assert losses[1] == min(losses)


def test_the_better_sense_gets_the_larger_weight_and_both_beat_one() -> None:
    y = labels()
    face, speech = (softmax(drawn(strength, y, seed)) for strength, seed in ((1.0, 3), (2.5, 4)))
    parameters = fit_weights(face, speech, y, uniform())
    fused = fuse_loglinear(face, speech, parameters)
    assert parameters.speech_weight > parameters.face_weight > 0
    assert nll(fused, y) < min(nll(face, y), nll(speech, y))


def test_a_sense_that_knows_nothing_gets_little_weight() -> None:
    y = labels()
    noise, speech = softmax(drawn(0.0, y, 5)), softmax(drawn(2.0, y, 6))
    assert fit_weights(noise, speech, y, uniform()).face_weight < 0.25


def test_factors_never_become_negative() -> None:
    y = labels(200)
    assert fit_scales(-drawn(2.0, y, 7)[None], np.zeros(7), y)[0] == 0.0


def test_the_more_they_are_shrunk_the_nearer_factors_are_to_one() -> None:
    y = labels()
    terms = np.stack([drawn(1.0, y, 11) * 3, drawn(2.0, y, 12) / 3])
    free, shrunk, tied = (fit_scales(terms, np.zeros(7), y, shrink) for shrink in (0.0, 0.1, 100.0))
    assert np.linalg.norm(shrunk - 1) < 0.5 * np.linalg.norm(free - 1)
    np.testing.assert_allclose(tied, 1.0, atol=0.02)


def test_stacking_equals_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    y = labels(600)
    face, speech = softmax(drawn(1.0, y, 8)), softmax(drawn(1.5, y, 10))
    design = np.concatenate([log_probabilities(face), log_probabilities(speech), np.ones((600, 1))], axis=1)
    reference = LogisticRegression(C=1 / (0.01 * 600), fit_intercept=False, max_iter=5000, tol=1e-8).fit(
        design, y
    )
    found = Stacking.fit(face, speech, y)(face, speech)
    assert np.allclose(found, reference.predict_proba(design), atol=2e-3)
