"""What else ONNX Runtime can be asked for, by plain values; the real OpenVINO where it is installed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference import select
from edge.inference.engine import Backend
from edge.inference.onnx import OnnxEngine
from edge.inference.open import open_model
from edge.inference.providers import ACCELERATED, offered, provider_list
from edge.inference.registry import Model, find_model
from edge.inference.select import Usability, choose_backend

MakeModel = Callable[..., Path]
BATCH = np.random.default_rng(0).normal(size=(3, 1, 4, 4)).astype(np.float32)


def no_driver(model: Model, config: EnginesConfig) -> Usability:
    return Usability(False, "no NVIDIA driver", "install the driver")


@pytest.fixture
def model(make_model: MakeModel) -> Model:
    return find_model(str(make_model()), config=EnginesConfig())


@pytest.fixture
def absent() -> Backend:
    return next(one for one in ACCELERATED if one not in offered())


def test_what_a_package_offers_is_told_in_our_names() -> None:
    assert offered(["CPUExecutionProvider"]) == ("onnx",)
    gpu = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    assert offered(gpu) == ("onnx", "cuda")
    assert offered(["OpenVINOExecutionProvider", "CPUExecutionProvider"]) == ("onnx", "openvino")
    assert offered(["XnnpackExecutionProvider", "CPUExecutionProvider"]) == ("onnx", "xnnpack")


def test_the_processor_takes_what_a_provider_lacks_and_threads_are_bounded() -> None:
    assert provider_list("onnx", 2) == ["CPUExecutionProvider"]
    assert provider_list("cuda", 2) == [("CUDAExecutionProvider", {}), "CPUExecutionProvider"]
    assert provider_list("openvino", 2)[0] == ("OpenVINOExecutionProvider", {"num_of_threads": "2"})


@pytest.mark.parametrize(
    ("wish", "remedy"),
    [("cuda", "onnxruntime-gpu"), ("openvino", "onnxruntime-openvino"), ("xnnpack", "--use_xnnpack")],
)
def test_a_wish_that_is_not_there_is_refused_with_the_remedy(
    wish: Backend, remedy: str, model: Model
) -> None:
    if wish in offered():
        pytest.skip(f"{wish} is there: its refusal shows with the plain onnxruntime")
    config = EnginesConfig.model_validate({"backend": wish})
    with pytest.raises(EngineError) as caught:
        choose_backend(config, model)
    told = str(caught.value)
    assert told.startswith(f"{wish} cannot run face: the installed ONNX Runtime does not offer it; ")
    assert remedy in told
    assert told.endswith("or set engines.backend to auto")


def test_one_that_cannot_start_is_an_error_and_not_silently_the_processor(
    model: Model, absent: Backend
) -> None:
    with pytest.raises(EngineError, match=f"{absent}"):
        OnnxEngine(model.path, name="face", backend=absent)


def test_the_fastest_is_taken_and_the_processor_goes_on_where_it_fails(
    model: Model, absent: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(select, "runtimes", lambda config: ("onnx", absent))
    monkeypatch.setattr(select, "times", lambda model, config: {"onnx": 4.0, absent: 1.0})
    choice = choose_backend(EnginesConfig(), model, no_driver)
    assert choice.backend == absent
    assert choice.reason.startswith(f"it is the fastest here (onnx 4.0 ms, {absent} 1.0 ms)")
    with open_model(model, config=EnginesConfig(), probe=no_driver) as engine:
        assert engine.backend == "onnx"
        assert engine.infer(BATCH)[0].shape == (3, 7)
    assert "model face runs on ONNX Runtime instead" in caplog.text


def test_the_processor_stays_where_nothing_gains(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "runtimes", lambda config: ("onnx", "openvino"))
    monkeypatch.setattr(select, "times", lambda model, config: {"onnx": 4.0, "openvino": 4.4})
    choice = choose_backend(EnginesConfig(), model, no_driver)
    assert choice.backend == "onnx"
    assert "no NVIDIA driver; of ONNX Runtime's providers the CPU is the best here" in choice.reason


@pytest.mark.skipif(
    "openvino" not in offered(),
    reason="onnxruntime-openvino is not installed: pip install it in the place of onnxruntime",
)
@pytest.mark.parametrize("name", ["face", "face-int8", "speech", "speech-int8"])
def test_openvino_answers_as_the_processor_does(name: str) -> None:
    config = EnginesConfig(backend="openvino")
    model = find_model(name, config=config)
    shape = (4, *(int(size or 1) for size in model.card.input.shape[1:]))
    random = np.random.default_rng(0)
    batch = random.integers(0, 256, shape).astype(model.card.input.type)
    with OnnxEngine(model.path, name=name) as plain, open_model(model, config=config) as other:
        assert other.backend == "openvino"
        expected, found = plain.infer(batch)[0], other.infer(batch)[0]
        np.testing.assert_allclose(found, expected, atol=0.1)
