"""Engines that standardise crops themselves."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from edge.config.resources import resource
from edge.inference.card import load_card
from edge.inference.classifier import Classifier
from edge.inference.onnx import OnnxEngine
from edge.perception.face_input import face_batch, face_input
from edge.training.engines.onnx_file import to_onnx
from edge.training.models.exported import onnx_runner
from edge.training.models.face import FaceClassifier, FaceNet
from edge.training.models.standardised import network_alone, standardised, takes_bytes


@pytest.fixture(scope="module")
def engine() -> bytes:
    torch.manual_seed(0)
    network = FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1).eval()
    return to_onnx(FaceClassifier(network), torch.zeros(2, 1, 48, 48), "face")


@pytest.fixture(scope="module")
def crops() -> NDArray[np.uint8]:
    """Noise, the same in the dark, a ramp, and two that are flat and nearly flat."""
    noise = np.random.default_rng(3).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    ramp = np.arange(48 * 48).reshape(48, 48).astype(np.uint8)
    flat = np.full((48, 48), 200, np.uint8)
    nearly = flat.copy()
    nearly[10:12] += 1
    return np.stack([*noise, *(noise // 16), ramp, flat, nearly])


def test_the_graph_answers_what_the_network_says_to_standardised_crops(
    engine: bytes, crops: NDArray[np.uint8]
) -> None:
    made = standardised(engine)
    assert takes_bytes(made)
    assert not takes_bytes(engine)
    for batch in (crops[:1], crops[:8], crops[-2:]):
        expected = onnx_runner(engine)(face_input(batch))
        np.testing.assert_allclose(onnx_runner(made)(batch[:, None]), expected, atol=1e-4)


def test_what_was_put_before_a_network_comes_off_again(engine: bytes, crops: NDArray[np.uint8]) -> None:
    made = standardised(engine)
    assert standardised(made) == made
    assert network_alone(engine) == engine
    alone = network_alone(made)
    assert not takes_bytes(alone)
    given = face_input(crops[:8])
    np.testing.assert_array_equal(onnx_runner(alone)(given), onnx_runner(engine)(given))


@pytest.mark.parametrize("name", ["face", "face-int8", "face-small", "face-small-int8"])
def test_shipped_engines_take_bytes_and_their_cards_say_so(name: str, crops: NDArray[np.uint8]) -> None:
    path = resource("engines") / f"{name}.onnx"
    card = load_card(path.with_suffix(".json"))
    assert (card.input.type, card.input.shape[1:]) == ("uint8", (1, 48, 48))
    content = path.read_bytes()
    expected = onnx_runner(network_alone(content))(face_input(crops[:8]))
    with OnnxEngine(path, name=name) as shipped:
        np.testing.assert_allclose(shipped.infer(face_batch(crops[:8], card))[0], expected, atol=1e-4)


def test_a_model_of_float32_from_before_is_judged_as_ever(
    engine: bytes, crops: NDArray[np.uint8], tmp_path: Path
) -> None:
    card = load_card(resource("engines") / "face.json")
    spec = card.input.model_copy(update={"type": "float32"})
    older = card.model_copy(update={"input": spec})
    faces = crops[:8]
    with (
        Classifier(OnnxEngine(engine, name="old"), older) as old,
        Classifier(OnnxEngine(standardised(engine), name="new"), card) as new,
    ):
        before, after = (each.probabilities(face_batch(faces, each.card)) for each in (old, new))
    np.testing.assert_allclose(before, after, atol=1e-4)
