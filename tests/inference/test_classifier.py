from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.config.models import EnginesConfig
from edge.errors import EngineError, ModelError
from edge.inference.card import InputSpec, load_card
from edge.inference.classifier import Classifier
from edge.inference.onnx import OnnxEngine
from edge.vocabulary import softmax

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


def test_a_model_of_other_inputs_is_refused_by_name(make_model: MakeModel, tmp_path: Path) -> None:
    make_model("mine")
    config = EnginesConfig(directory=tmp_path, face="mine", backend="onnx")
    told = r"mine\.onnx takes \(n, 1, 4, 4\), this version makes \(n, 1, 4, 5\) of a face"
    with pytest.raises(ModelError, match=told):
        Classifier.open("face", config=config, item=(1, 4, 5))
    Classifier.open("face", config=config, item=(1, 4, 4)).close()


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        (("n", 1, 4, 4), True),
        (("n", 1, "h", None), True),
        (("n", 1, 4, 5), False),
        (("n", 4, 4), False),
        (("n", 1, 1, 4, 4), False),
    ],
)
def test_free_sizes_fit_any_input(shape: tuple[int | str | None, ...], fits: bool) -> None:
    spec = InputSpec(name="x", shape=shape, layout="", normalisation="")
    assert spec.fits((1, 4, 4)) is fits


@given(arrays(np.float64, (2, 7), elements=st.floats(-1e6, 1e6)))
def test_softmax_is_a_distribution_for_any_finite_scores(logits: np.ndarray) -> None:
    result = softmax(logits)
    assert np.isfinite(result).all()
    np.testing.assert_allclose(result.sum(axis=1), 1.0)
