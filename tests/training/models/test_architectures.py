import pytest
import torch

from edge.training.models.face import FaceClassifier, face_ours, face_small
from edge.training.models.origin import (
    OriginFace,
    OriginSpeech,
    OriginSpeechLstm,
    keras_parameters,
    layer_shapes,
)
from edge.training.models.speech import speech_plain, speech_small

CROP = torch.zeros(1, 1, 48, 48)
MEL = torch.zeros(1, 1, 96, 431)


def shapes(model: torch.nn.Module, sample: torch.Tensor) -> list[tuple[int, ...]]:
    return [shape for kind, shape in layer_shapes(model, sample)]


def test_origin_face_as_published() -> None:
    model = OriginFace()
    assert shapes(model, CROP) == [
        (3, 50, 32), (5, 52, 32), (2, 26, 32), (4, 28, 64), (6, 30, 64), (3, 15, 64),
        (5, 17, 128), (7, 19, 128), (3, 9, 128), (2048,), (7,),
    ]  # fmt: skip
    assert model.features(CROP.transpose(1, 2)).flatten(1).shape == (1, 3456)
    assert keras_parameters(model) == 7_394_247


def test_origin_face_on_the_picture_as_image() -> None:
    model = OriginFace(as_image=True)
    assert shapes(model, CROP)[:3] == [(50, 50, 32), (52, 52, 32), (26, 26, 32)]
    assert shapes(model, CROP)[-3:] == [(9, 9, 128), (2048,), (7,)]


def test_rows_are_the_channels_of_the_published_face_network() -> None:
    model = OriginFace().eval()
    picture = torch.rand(1, 1, 48, 48)
    swapped = picture[:, :, torch.randperm(48)]
    first = model.features[0]
    assert first.in_channels == 48
    assert not torch.allclose(model(picture), model(swapped), atol=1e-6)


def test_model_2_as_published() -> None:
    model = OriginSpeech()
    assert shapes(model, MEL) == [
        (98, 433, 64), (49, 216, 64), (51, 218, 128), (17, 72, 128), (19, 74, 128), (4, 18, 128),
        (2048,), (1024,), (7,),
    ]  # fmt: skip
    assert keras_parameters(model) == 21_205_127


def test_model_3_as_published() -> None:
    model = OriginSpeechLstm()
    assert shapes(model, MEL) == [
        (98, 433, 64), (49, 216, 64), (51, 218, 128), (17, 72, 128), (19, 74, 128), (4, 18, 128),
        (6, 20, 128), (1, 5, 128), (5, 32), (16,), (16,), (7,),
    ]  # fmt: skip
    assert keras_parameters(model) == 401_303


def test_the_second_bias_of_the_lstm_stays_zero() -> None:
    model = OriginSpeechLstm()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    model(torch.randn(2, 1, 96, 431)).sum().backward()
    optimizer.step()
    assert not any(p.any() for name, p in model.recurrent.named_parameters() if "bias_hh" in name)


def test_the_origins_networks_begin_as_keras_would() -> None:
    torch.manual_seed(0)
    model = OriginFace()
    dense = model.dense.weight.detach()
    bound = (6 / (dense.shape[0] + dense.shape[1])) ** 0.5
    assert float(dense.abs().max()) == pytest.approx(bound, rel=0.01)
    assert not any(p.any() for name, p in model.named_parameters() if name.endswith("bias"))
    recurrent = dict(OriginSpeechLstm().recurrent.named_parameters())
    assert recurrent["bias_ih_l0"].tolist() == [0.0] * 32 + [1.0] * 32 + [0.0] * 64
    assert not recurrent["bias_hh_l1"].any()


@pytest.mark.parametrize(
    ("build", "most"),
    [(face_ours, 3_000_000), (face_small, 800_000), (speech_plain, 1_000_000), (speech_small, 400_000)],
)
def test_ours_stay_within_their_size(build: type[torch.nn.Module], most: int) -> None:
    assert 100_000 < sum(p.numel() for p in build().parameters()) <= most


def test_the_exported_classifier_leaves_out_the_border() -> None:
    model = FaceClassifier(face_small()).eval()
    crop = torch.randn(2, 1, 48, 48)
    framed = crop.clone()
    framed[:, :, :2], framed[:, :, :, -2:] = 9.0, -9.0
    assert torch.equal(model(crop), model(framed))
    assert model(crop).shape == (2, 7)


def test_the_speech_network_takes_any_number_of_frames() -> None:
    model = speech_small().eval()
    assert model(torch.randn(2, 1, 64, 100)).shape == model(torch.randn(2, 1, 64, 186)).shape == (2, 7)
