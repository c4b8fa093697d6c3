"""The engine on the fake driver: numbers, order of calls, streams, threads, graphs and refusals."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from gpu.driver import calls, live
from gpu.models import SIDE, batch_for, shipped, small_model
from gpu.run.conftest import Prepared

from edge.errors import EngineError
from edge.inference.engine import Batch, Engine, Tensor
from edge.inference.tensorrt.engine import TensorRTEngine, open_plan

Prepare = Callable[..., Prepared]


def batch_of(engine: TensorRTEngine, count: int, seed: int = 0) -> Batch:
    shape = (count, *engine.shapes[1][1:])
    return batch_for(shape, engine.takes, seed or count)


def reference(path: Path) -> Callable[[Batch], Tensor]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(batch: Batch) -> Tensor:
        result: Tensor = session.run(None, {name: batch})[0]
        return result

    return run


def plan_of(prepared: Prepared) -> bytes:
    from edge.inference.tensorrt.machine import local_machine
    from edge.inference.tensorrt.probe import find_plan

    found = find_plan(*prepared, local_machine()).plan
    assert found is not None
    return found.read()


@pytest.fixture
def small(tmp_path: Path, prepare: Prepare) -> Prepared:
    return prepare(small_model(tmp_path / "models"))


@pytest.mark.parametrize("graphs", [True, False])
@pytest.mark.parametrize("kind", ["face", "speech"])
def test_results_equal_onnx_runtimes_for_every_order_of_batches(
    kind: str, graphs: bool, prepare: Prepare
) -> None:
    run = reference(shipped(kind))
    with TensorRTEngine(plan_of(prepare(shipped(kind))), name=kind, graphs=graphs) as engine:
        for seed, count in enumerate((1, 4, 8, 4, 1, 7, 1, 8), start=1):
            batch = batch_of(engine, count, seed)
            np.testing.assert_allclose(engine.infer(batch)[0], run(batch), rtol=1e-5, atol=1e-6)
        assert live().graphs == (4 if graphs else 0)
        assert (live().streams, live().events) == (1, 2)


def test_an_engine_is_an_engine(small: Prepared) -> None:
    with open_plan(*small) as engine:
        assert isinstance(engine, Engine)
        assert (engine.name, engine.backend) == ("face", "tensorrt")
        assert engine.shapes == ((1, 1, SIDE, SIDE), (8, 1, SIDE, SIDE))
        assert engine.device_ms > 0


def test_copies_kernels_and_wait_are_in_order_on_one_stream(small: Prepared) -> None:
    with TensorRTEngine(plan_of(small), name="face", graphs=False) as engine:
        calls()
        engine.infer(batch_of(engine, 1))
        assert calls() == [
            "cuEventRecord",
            "cuMemcpyHtoDAsync_v2",
            "cuLaunchHostFunc",
            "cuMemcpyDtoHAsync_v2",
            "cuEventRecord",
            "cuEventSynchronize",
        ]


def test_a_recorded_batch_is_one_launch_and_nothing_is_allocated(small: Prepared) -> None:
    with open_plan(*small) as engine:
        engine.infer(batch_of(engine, 3))
        before = live()
        calls()
        engine.infer(batch_of(engine, 3, seed=9))
        assert calls() == ["cuEventRecord", "cuGraphLaunch", "cuEventRecord", "cuEventSynchronize"]
        assert live() == before


@pytest.mark.parametrize("graphs", [True, False])
def test_without_the_wait_the_results_are_wrong(small: Prepared, graphs: bool) -> None:
    """So the tests of the numbers fail when somebody takes the wait away."""

    class Hasty:
        def __init__(self, event: Any) -> None:
            self.record = event.record
            self.synchronize = lambda: None

    model, _ = small
    with TensorRTEngine(plan_of(small), name="face", graphs=graphs) as engine:
        batch = batch_of(engine, 2)
        engine.infer(batch)
        finished, engine._finished = engine._finished, Hasty(engine._finished)
        other = batch_of(engine, 2, seed=77)
        wrong = engine.infer(other)[0]
        engine._finished = finished
        del finished  # an event must not outlive its engine
        assert np.abs(wrong - reference(model.path)(other)).max() > 1e-3


def test_results_stay_the_callers_own(small: Prepared) -> None:
    with open_plan(*small) as engine:
        first = engine.infer(batch_of(engine, 2, seed=1))[0]
        kept = first.copy()
        engine.infer(batch_of(engine, 2, seed=2))
        np.testing.assert_array_equal(first, kept)


def test_engines_in_their_own_threads_work_at_once_on_their_own_streams(
    tmp_path: Path, prepare: Prepare
) -> None:
    prepared = [prepare(small_model(tmp_path / "models", f"face{i}", scale=0.1 + i)) for i in range(3)]
    together = threading.Barrier(3, timeout=30)
    failures: list[BaseException] = []
    streams: set[int] = set()

    def work(one: Prepared) -> None:
        try:
            run = reference(one[0].path)
            with open_plan(*one) as engine:
                streams.add(engine._stream.handle)
                together.wait()
                assert live().streams == 3
                for seed in range(1, 30):
                    batch = batch_of(engine, 1 + seed % 8, seed)
                    np.testing.assert_allclose(engine.infer(batch)[0], run(batch), rtol=1e-5, atol=1e-6)
                together.wait()
        except BaseException as error:
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=work, args=(one,)) for one in prepared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(streams) == 3


def test_an_engine_may_move_to_another_thread_and_be_closed_there(small: Prepared) -> None:
    run = reference(small[0].path)
    engine = open_plan(*small)
    differences: list[float] = []

    def work() -> None:
        batch = batch_of(engine, 5)
        differences.append(float(np.abs(engine.infer(batch)[0] - run(batch)).max()))
        engine.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert differences
    assert differences[0] < 1e-5


def test_two_engines_in_one_thread_leave_no_context_behind(tmp_path: Path, prepare: Prepare) -> None:
    one = open_plan(*prepare(small_model(tmp_path / "models", "one")))
    two = open_plan(*prepare(small_model(tmp_path / "models", "two")))
    assert live().depth == 0
    one.close()
    two.infer(batch_of(two, 1))
    two.close()
    two.close()
    assert live().depth == 0


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((9, 1, SIDE, SIDE), "f4"),
        ((0, 1, SIDE, SIDE), "f4"),
        ((1, 1, SIDE, 8), "f4"),
        ((1, SIDE), "f4"),
        ((1, 1, SIDE, SIDE), "f8"),
    ],
)
def test_a_batch_outside_the_profile_is_refused_in_words(
    shape: tuple[int, ...], dtype: str, small: Prepared
) -> None:
    with open_plan(*small) as engine:
        with pytest.raises(EngineError, match=r"model face expects float32 from \(1, .* to \(8, "):
            engine.infer(np.zeros(shape, dtype))
        engine.infer(batch_of(engine, 1))


def test_crops_travel_as_bytes(prepare: Prepare) -> None:
    with open_plan(*prepare(shipped("face"))) as engine:
        assert engine.takes == np.uint8
        assert engine._buffers[engine._input].nbytes == 8 * 48 * 48
        with pytest.raises(EngineError, match=r"expects uint8 .* got float32"):
            engine.infer(np.zeros((1, 1, 48, 48), np.float32))


def test_a_value_that_is_no_number_is_an_error(small: Prepared) -> None:
    with open_plan(*small) as engine:
        batch = batch_of(engine, 2)
        batch[1, 0, 0, 0] = np.nan
        with pytest.raises(EngineError, match="not a finite number in logits"):
            engine.infer(batch)
        assert np.isfinite(engine.infer(batch_of(engine, 2))[0]).all()


def test_a_closed_engine_says_so(small: Prepared) -> None:
    engine = open_plan(*small)
    engine.close()
    with pytest.raises(EngineError, match="model face is closed"):
        engine.infer(np.zeros((1, 1, SIDE, SIDE), np.float32))


def test_a_plan_of_another_version_is_refused_with_tensorrts_words_and_the_remedy(small: Prepared) -> None:
    with pytest.raises(
        EngineError, match=r"model face.*Version tag does not match.*build_engines\.py --force"
    ):
        TensorRTEngine(b"a plan from elsewhere", name="face")


def test_a_thousand_cycles_leak_nothing(small: Prepared) -> None:
    import resource

    plan = plan_of(small)

    def cycle(count: int) -> int:
        for _ in range(count):
            with TensorRTEngine(plan, name="face") as engine:
                engine.infer(np.zeros((2, 1, SIDE, SIDE), np.float32))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = cycle(200)
    after = cycle(800)
    assert live().contexts == live().depth == 0
    assert after - before < 20_000, "more than 20 MB in 800 cycles"
