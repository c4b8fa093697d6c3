import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edge.errors import EngineError, ModelError
from edge.inference.engine import Engine
from edge.inference.onnx import OnnxEngine

MakeModel = Callable[..., Path]


def test_every_batch_size_gives_what_the_weights_say(make_model: MakeModel) -> None:
    path = make_model()
    weights = numpy_helper.to_array(onnx.load(path).graph.initializer[0])
    batch = np.random.default_rng(0).normal(size=(8, 1, 4, 4)).astype(np.float32)
    with OnnxEngine(path, name="face") as engine:
        for n in range(1, 9):
            (logits,) = engine.infer(batch[:n])
            np.testing.assert_allclose(logits, batch[:n].reshape(n, 16) @ weights, rtol=1e-4, atol=1e-5)


def test_it_is_an_engine_and_says_which(make_model: MakeModel) -> None:
    engine = OnnxEngine(make_model(), name="face")
    assert isinstance(engine, Engine)
    assert (engine.name, engine.backend) == ("face", "onnx")


def test_outputs_stay_the_callers(make_model: MakeModel) -> None:
    with OnnxEngine(make_model(), name="face") as engine:
        first = engine.infer(np.ones((1, 1, 4, 4), np.float32))[0]
        kept = first.copy()
        engine.infer(np.zeros((1, 1, 4, 4), np.float32))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("shape", [(0, 1, 4, 4), (9, 1, 4, 4), (1, 1, 4, 5), (1, 16), (2, 3, 4, 4)])
def test_a_wrong_shape_is_refused_with_the_expected_one(
    make_model: MakeModel, shape: tuple[int, ...]
) -> None:
    with OnnxEngine(make_model(), name="face") as engine, pytest.raises(EngineError) as caught:
        engine.infer(np.zeros(shape, np.float32))
    assert "float32 (n, 1, 4, 4)" in str(caught.value)
    assert str(shape) in str(caught.value)


def test_a_wrong_type_is_refused(make_model: MakeModel) -> None:
    with OnnxEngine(make_model(), name="face") as engine, pytest.raises(EngineError, match="got float64"):
        engine.infer(np.zeros((1, 1, 4, 4)))  # type: ignore[arg-type]


def test_a_model_of_bytes_is_warmed_up_with_bytes_and_takes_no_floats(make_model: MakeModel) -> None:
    model = onnx.load(make_model())
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    cast = onnx.helper.make_node("Cast", ["image"], ["grey"], to=onnx.TensorProto.FLOAT)
    model.graph.node[0].input[0] = "grey"
    model.graph.node.insert(0, cast)
    weights = numpy_helper.to_array(model.graph.initializer[0])
    batch = np.arange(32, dtype=np.uint8).reshape(2, 1, 4, 4)
    with OnnxEngine(model.SerializeToString(), name="face") as engine:
        np.testing.assert_allclose(engine.infer(batch)[0], batch.reshape(2, 16) @ weights, rtol=1e-4)
        with pytest.raises(EngineError, match=r"expects uint8 \(n, 1, 4, 4\).* got float32"):
            engine.infer(batch.astype(np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_an_error(make_model: MakeModel, value: float) -> None:
    with OnnxEngine(make_model(), name="face") as engine, pytest.raises(EngineError, match="not a finite"):
        engine.infer(np.full((1, 1, 4, 4), value, np.float32))


def test_a_closed_engine_says_so(make_model: MakeModel) -> None:
    engine = OnnxEngine(make_model(), name="face")
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="face is closed"):
        engine.infer(np.zeros((1, 1, 4, 4), np.float32))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"cannot load x .*x\.onnx"):
        OnnxEngine(tmp_path / "x.onnx", name="x")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model at .*x\.onnx"):
        OnnxEngine(tmp_path / "x.onnx", name="x")


def test_idle_threads_do_not_spin(make_model: MakeModel) -> None:
    with OnnxEngine(make_model(), name="face", threads=4) as engine:
        engine.infer(np.zeros((8, 1, 4, 4), np.float32))
        before, began = os.times(), time.monotonic()
        time.sleep(0.3)
        after, took = os.times(), time.monotonic() - began
    assert after.user - before.user < took / 3
