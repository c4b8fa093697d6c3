from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from edge.errors import DataError
from edge.training.engines.onnx_file import to_onnx
from edge.training.models.exported import onnx_runner
from edge.training.models.face import FaceClassifier, FaceNet
from edge.training.models.speech import SpeechNet
from edge.training.models.unfolding import engine_weights, narrowed, start_from
from edge.training.recipes.optimise import cnn_optimizers


def face_net(inner: tuple[int, ...] = (12, 12, 20)) -> FaceNet:
    return FaceNet(stem=8, widths=(8, 16, 16), inner=inner, depth=1)


def speech_net() -> SpeechNet:
    return SpeechNet(widths=(8, 16, 24), depths=(1, 1, 1), out=16)


def lived_in(network: nn.Module, sample: torch.Tensor) -> nn.Module:
    """With statistics, scales and shifts as after a training."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2.0)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    network.train()
    for _ in range(30):
        network(sample + 0.1 * torch.randn_like(sample))
    return network.eval()


@pytest.fixture
def faces() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(16, 1, 44, 44)


@pytest.fixture
def engine(faces: torch.Tensor, tmp_path: Path) -> Path:
    path = tmp_path / "face.onnx"
    network = lived_in(face_net(), faces)
    path.write_bytes(to_onnx(FaceClassifier(network), torch.zeros(2, 1, 48, 48), "face"))
    return path


def engine_logits(engine: Path, faces: torch.Tensor) -> NDArray[np.float32]:
    return onnx_runner(engine.read_bytes())(nn.functional.pad(faces, (2, 2, 2, 2)).numpy())


def test_a_network_started_from_an_engine_computes_what_the_engine_does(
    engine: Path, faces: torch.Tensor
) -> None:
    network = face_net()
    start_from(network, engine_weights(engine), faces)
    with torch.no_grad():
        found = network.eval()(faces).numpy()
    np.testing.assert_allclose(found, engine_logits(engine, faces), atol=1e-4)


def test_its_norms_hold_the_statistics_of_the_inputs(engine: Path, faces: torch.Tensor) -> None:
    network = face_net()
    start_from(network, engine_weights(engine), faces)
    network.dropout.p = 0.0
    with torch.no_grad():
        in_training = network.train()(faces).numpy()
    np.testing.assert_allclose(in_training, engine_logits(engine, faces), atol=1e-3)


def test_the_first_step_does_not_rescale_the_kernels(engine: Path, faces: torch.Tensor) -> None:
    network = face_net()
    start_from(network, engine_weights(engine), faces)
    kernel = dict(network.named_parameters())["features.3.first.weight"]
    before = float(kernel.detach().norm())
    network(faces).sum().backward()
    cnn_optimizers(network, lr=1e-6)[0].step()
    assert float(kernel.detach().norm()) == pytest.approx(before, rel=1e-3)


def test_a_speech_engine_unfolds_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    sounds = torch.randn(8, 1, 64, 120)
    path = tmp_path / "speech.onnx"
    path.write_bytes(to_onnx(lived_in(speech_net(), sounds), sounds[:2], "speech"))
    network = speech_net()
    start_from(network, engine_weights(path), sounds)
    with torch.no_grad():
        found = network.eval()(sounds).numpy()
    np.testing.assert_allclose(found, onnx_runner(path.read_bytes())(sounds.numpy()), atol=1e-4)


def test_narrower_blocks_keep_the_channels_that_weigh_most(engine: Path, faces: torch.Tensor) -> None:
    weights = engine_weights(engine)
    name = "features.5"
    weights[f"{name}.first.weight"][3] *= 100
    weights[f"{name}.second.weight"][:, 7] *= 0
    cut = narrowed(weights, face_net((12, 12, 5)))
    kept = cut[f"{name}.first.weight"]
    assert kept.shape[0] == cut[f"{name}.second.weight"].shape[1] == len(cut[f"{name}.first.bias"]) == 5
    originals = weights[f"{name}.first.weight"].flatten(1)
    chosen = [int((originals - k).abs().sum(1).argmin()) for k in kept.flatten(1)]
    assert 3 in chosen
    assert 7 not in chosen
    start_from(face_net((12, 12, 5)), weights, faces)


def test_an_engine_of_another_row_is_refused(engine: Path, faces: torch.Tensor) -> None:
    other = FaceNet(stem=8, widths=(8, 16, 24), inner=(12, 12, 20), depth=1)
    with pytest.raises(DataError, match="another row"):
        start_from(other, engine_weights(engine), faces)


def test_a_file_that_is_no_engine_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.onnx"
    path.write_text("not a model")
    with pytest.raises(DataError, match=r"notes\.onnx"):
        engine_weights(path)
    with pytest.raises(DataError, match="absent"):
        engine_weights(tmp_path / "absent.onnx")
