import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.open import open_engine
from edge.inference.registry import Model, find_model
from edge.inference.select import Choice, Usability, choose_backend

MakeModel = Callable[..., Path]


def no_driver(model: Model, config: EnginesConfig) -> Usability:
    return Usability(False, "no NVIDIA driver", "install the driver")


def all_fine(model: Model, config: EnginesConfig) -> Usability:
    return Usability(True, "plan for this GPU")


@pytest.fixture
def model(make_model: MakeModel) -> Model:
    return find_model(str(make_model()), config=EnginesConfig())


def test_auto_takes_tensorrt_when_it_is_usable(model: Model) -> None:
    assert choose_backend(EnginesConfig(), model, all_fine) == Choice("tensorrt", "plan for this GPU")


def test_auto_falls_back_with_reason_and_remedy(model: Model) -> None:
    choice = choose_backend(EnginesConfig(), model, no_driver)
    assert choice == Choice("onnx", "TensorRT is not usable: no NVIDIA driver", "install the driver")


def test_onnx_is_taken_without_asking_for_a_gpu(model: Model) -> None:
    def forbidden(model: Model, config: EnginesConfig) -> Usability:
        raise AssertionError("asked")

    assert choose_backend(EnginesConfig(backend="onnx"), model, forbidden).backend == "onnx"


def test_tensorrt_by_wish_is_an_error_where_it_cannot_run(model: Model) -> None:
    with pytest.raises(EngineError, match=r"no NVIDIA driver; install the driver, or set engines\.backend"):
        choose_backend(EnginesConfig(backend="tensorrt"), model, no_driver)


def test_opening_tells_the_choice_in_the_log(make_model: MakeModel, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        open_engine(str(make_model()), config=EnginesConfig(), probe=no_driver) as engine,
    ):
        assert engine.backend == "onnx"
    assert "model face runs on onnx: TensorRT is not usable: no NVIDIA driver" in caplog.text


def test_when_tensorrt_promises_and_fails_onnx_runtime_takes_over(
    make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    with open_engine(str(make_model()), config=EnginesConfig(), probe=all_fine) as engine:
        assert engine.backend == "onnx"
    assert "model face runs on ONNX Runtime instead" in caplog.text


def test_when_tensorrt_by_wish_fails_nothing_takes_over(make_model: MakeModel) -> None:
    with pytest.raises(EngineError):
        open_engine(str(make_model()), config=EnginesConfig(backend="tensorrt"), probe=all_fine)
