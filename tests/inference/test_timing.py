"""What is measured, of which runtime, and what is taken."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.errors import EngineError, ModelError
from edge.inference.engine import Backend
from edge.inference.registry import Model, find_model
from edge.inference.timing import quickest, runtimes, this_processor, times

MakeModel = Callable[..., Path]


@pytest.fixture
def model(make_model: MakeModel) -> Model:
    return find_model(str(make_model()), config=EnginesConfig())


@pytest.fixture
def config(tmp_path: Path) -> EnginesConfig:
    return EnginesConfig(cache=tmp_path)


class Clock:
    """Known times, and what was asked for; a runtime without one fails."""

    def __init__(self, **ms: float) -> None:
        self.ms, self.asked = ms, list[Backend]()

    def __call__(self, model: Model, backend: Backend, threads: int) -> float:
        self.asked.append(backend)
        if backend not in self.ms:
            raise EngineError("no device")
        return self.ms[backend]


def test_another_runtime_is_taken_only_where_it_gains() -> None:
    assert quickest({"onnx": 4.0, "openvino": 2.0}) == "openvino"
    assert quickest({"onnx": 4.0, "openvino": 3.9}) == "onnx"
    assert quickest({"onnx": 4.0, "openvino": 5.0, "cuda": 1.0}) == "cuda"
    assert quickest({"cuda": 9.0}) == "cuda"


def test_every_runtime_is_measured_once_and_one_that_fails_is_left_out(
    model: Model, config: EnginesConfig, tmp_path: Path
) -> None:
    clock = Clock(onnx=4.0, openvino=2.0)
    backends: tuple[Backend, ...] = ("onnx", "cuda", "openvino")
    for _ in range(2):
        assert times(model, config, backends=backends, clock=clock) == {"onnx": 4.0, "openvino": 2.0}
    assert clock.asked == ["onnx", "cuda", "openvino"]
    assert times(model, config, backends=("onnx",), clock=clock) == {"onnx": 4.0}
    assert len(json.loads((tmp_path / "fastest.json").read_text())) == 2


def test_where_nothing_works_it_is_an_error(model: Model, config: EnginesConfig) -> None:
    with pytest.raises(EngineError, match="no device"):
        times(model, config, backends=("cuda",), clock=Clock())
    with pytest.raises(EngineError, match="no device"):
        times(model, config, backends=("onnx", "cuda"), clock=Clock(cuda=1.0))


def test_a_file_that_is_not_what_its_card_says_is_not_measured(model: Model, config: EnginesConfig) -> None:
    with model.path.open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="does not match its card"):
        times(model, config, backends=("onnx",), clock=Clock(onnx=1.0))


def test_the_processor_itself_is_measured_for_real(model: Model, config: EnginesConfig) -> None:
    (ms,) = times(model, config, backends=("onnx",)).values()
    assert ms > 0


def test_a_wish_leaves_one_runtime() -> None:
    assert runtimes(EnginesConfig(backend="openvino")) == ("openvino",)
    assert runtimes(EnginesConfig(backend="onnx")) == ("onnx",)
    assert runtimes(EnginesConfig())[0] == "onnx"


def test_a_processor_is_known_by_its_instructions(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("model name\t: EPYC\nflags\t\t: avx2 avx512_vnni\ncpu MHz\t\t: 2400.1\n")
    other.write_text("model name\t: EPYC\nflags\t\t: avx2\ncpu MHz\t\t: 2400.1\n")
    assert this_processor(one) != this_processor(other)
    slower = one.read_text().replace("2400.1", "1800.9")
    other.write_text(slower)
    assert this_processor(one) == this_processor(other)
    assert this_processor(tmp_path / "none")
