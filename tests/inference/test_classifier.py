from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.card import load_card
from edge.inference.classifier import Classifier
from edge.inference.onnx import OnnxEngine
from edge.pooling import softmax

MakeModel = Callable[..., Path]
BATCH = np.random.default_rng(2).normal(size=(3, 1, 4, 4)).astype(np.float32)


def open_tiny(path: Path) -> Classifier:
    return Classifier(OnnxEngine(path, name="face"), load_card(path.with_suffix(".json")))


def test_probabilities_are_the_softmax_of_the_logits(make_model: MakeModel) -> None:
    with open_tiny(make_model()) as classifier:
        logits = classifier.logits(BATCH).astype(np.float64)
        expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(classifier.probabilities(BATCH), expected, rtol=1e-6)


def test_the_cards_temperature_softens_without_reordering(make_model: MakeModel) -> None:
    path = make_model()
    with open_tiny(path) as plain:
        sharp = plain.probabilities(BATCH)
    with open_tiny(make_model(temperature=3.0)) as warm:
        soft = warm.probabilities(BATCH)
        np.testing.assert_allclose(soft, softmax(warm.logits(BATCH).astype(np.float64) / 3), rtol=1e-6)
    assert (soft.max(axis=1) < sharp.max(axis=1)).all()
    np.testing.assert_array_equal(soft.argmax(axis=1), sharp.argmax(axis=1))


def test_scores_that_are_not_numbers_are_an_error(make_model: MakeModel) -> None:
    with open_tiny(make_model()) as classifier, pytest.raises(EngineError, match="not a finite number"):
        classifier.probabilities(np.full((1, 1, 4, 4), np.nan, np.float32))


def test_the_configured_model_is_opened(make_model: MakeModel, tmp_path: Path) -> None:
    make_model("mine")
    config = EnginesConfig(directory=tmp_path, face="mine", backend="onnx")
    with Classifier.open("face", config=config) as classifier:
        assert (classifier.card.name, classifier.backend) == ("mine", "onnx")
        assert classifier.probabilities(BATCH).shape == (3, 7)


@given(arrays(np.float64, (2, 7), elements=st.floats(-1e6, 1e6)))
def test_softmax_is_a_distribution_for_any_finite_scores(logits: np.ndarray) -> None:
    result = softmax(logits)
    assert np.isfinite(result).all()
    np.testing.assert_allclose(result.sum(axis=1), 1.0)
