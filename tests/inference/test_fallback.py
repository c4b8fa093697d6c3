from types import TracebackType

import numpy as np
import pytest
from typing_extensions import Self

from edge.errors import EngineError
from edge.inference.engine import Backend, Batch, Engine, Tensor
from edge.inference.fallback import FallbackEngine

BATCH = np.ones((2, 3), np.float32)


class Scripted:
    """An engine whose next answers are given."""

    name = "face"

    def __init__(self, backend: Backend, *answers: float | EngineError) -> None:
        self.backend: Backend = backend
        self.answers = list(answers)
        self.closed = 0

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        answer = self.answers.pop(0)
        if isinstance(answer, EngineError):
            raise answer
        return (np.asarray(batch * answer, np.float32),)

    def close(self) -> None:
        self.closed += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def value(engine: Engine) -> float:
    return float(engine.infer(BATCH)[0][0, 0])


def test_while_the_gpu_works_nothing_else_is_opened() -> None:
    def forbidden() -> Engine:
        raise AssertionError("opened")

    with FallbackEngine(Scripted("tensorrt", 1.0, 2.0), forbidden) as engine:
        assert (value(engine), value(engine)) == (1.0, 2.0)
        assert engine.backend == "tensorrt"
        assert engine.backend == "tensorrt"


def test_the_failed_batch_is_repeated_on_the_second_engine_and_reported_once() -> None:
    gpu, cpu = Scripted("tensorrt", 1.0, EngineError("launch failed")), Scripted("onnx", 5.0, 6.0)
    told: list[tuple[str, str]] = []
    engine = FallbackEngine(gpu, lambda: cpu, report=lambda name, reason: told.append((name, reason)))
    assert [value(engine) for _ in range(3)] == [1.0, 5.0, 6.0]
    assert told == [("face", "launch failed")]
    assert gpu.closed == 1
    assert engine.backend == "onnx"
    assert engine.backend == "onnx"


def test_without_a_listener_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    engine = FallbackEngine(Scripted("tensorrt", EngineError("out of memory")), lambda: Scripted("onnx", 1.0))
    value(engine)
    assert "model face goes on with ONNX Runtime on the CPU: out of memory" in caplog.text


def test_a_failure_of_the_second_engine_is_the_callers() -> None:
    second = Scripted("onnx", EngineError("also broken"))
    with pytest.raises(EngineError, match="also broken"):
        FallbackEngine(Scripted("tensorrt", EngineError("x")), lambda: second).infer(BATCH)


def test_closing_closes_the_engine_in_use() -> None:
    gpu, cpu = Scripted("tensorrt", EngineError("x")), Scripted("onnx", 1.0)
    engine = FallbackEngine(gpu, lambda: cpu)
    engine.infer(BATCH)
    engine.close()
    assert (gpu.closed, cpu.closed) == (1, 1)


def test_it_is_an_engine() -> None:
    assert isinstance(FallbackEngine(Scripted("tensorrt"), lambda: Scripted("onnx")), Engine)
