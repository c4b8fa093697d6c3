"""What goes wrong on a device becomes an EngineError, leaves nothing behind, and ONNX Runtime takes over."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gpu.driver import CAPTURE_UNSUPPORTED, LAUNCH_FAILED, OUT_OF_MEMORY, UNKNOWN, calls, fail, heal, live
from gpu.models import SIDE, small_model
from gpu.run.conftest import Prepared

from edge.errors import EngineError
from edge.inference.engine import Engine
from edge.inference.fallback import FallbackEngine
from edge.inference.onnx import OnnxEngine
from edge.inference.open import open_model
from edge.inference.tensorrt.engine import open_plan
from edge.inference.tensorrt.probe import usable

Prepare = Callable[..., Prepared]
BATCH = np.random.default_rng(4).standard_normal((3, 1, SIDE, SIDE)).astype(np.float32)


@pytest.fixture
def small(tmp_path: Path, prepare: Prepare) -> Prepared:
    return prepare(small_model(tmp_path / "models"))


def run_script(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    tests = Path(__file__).parents[2]
    path = os.pathsep.join([os.environ["PYTHONPATH"], str(tests), str(tests.parent)])
    env = os.environ | {"PYTHONPATH": path} | environment
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


OPENING = [
    ("cuDevicePrimaryCtxRetain", OUT_OF_MEMORY),
    ("cuStreamCreate", OUT_OF_MEMORY),
    ("cuEventCreate", OUT_OF_MEMORY),
    ("cuMemAlloc_v2", OUT_OF_MEMORY),
    ("cuMemHostAlloc", OUT_OF_MEMORY),
    ("cuMemcpyHtoDAsync_v2", LAUNCH_FAILED),
    ("cuLaunchHostFunc", LAUNCH_FAILED),
    ("cuEventSynchronize", UNKNOWN),
]


@pytest.mark.parametrize(("function", "code"), OPENING)
@pytest.mark.parametrize("after", [0, 1])
def test_a_failure_while_opening_is_an_engine_error_and_gives_everything_back(
    function: str, code: int, after: int, small: Prepared
) -> None:
    calls()
    open_plan(*small).close()
    times = max(2, calls().count(function))
    fail(function, after=min(after, times - 1), code=code)
    try:
        engine = open_plan(*small)
    except EngineError as error:
        assert "face" in str(error) or "context" in str(error)
    else:
        engine.close()
        assert after > 0, "the failure was not reached"


def backend(engine: Engine) -> str:
    """Asked anew each time: it changes when the GPU fails."""
    return engine.backend


@pytest.mark.parametrize(
    ("function", "code", "words"),
    [
        ("cuMemcpyHtoDAsync_v2", OUT_OF_MEMORY, "out of memory"),
        ("cuGraphLaunch", LAUNCH_FAILED, "719|LAUNCH_FAILED|launch"),
        ("cuEventRecord", UNKNOWN, "unknown"),
        ("cuEventSynchronize", LAUNCH_FAILED, "launch failure"),
        ("cuEventSynchronize", UNKNOWN, "unknown"),
    ],
)
def test_the_daemons_engine_goes_on_with_onnx_runtime_and_says_so(
    function: str, code: int, words: str, small: Prepared, caplog: pytest.LogCaptureFixture
) -> None:
    model, config = small
    with OnnxEngine(model.path, name="face") as cpu:
        expected = cpu.infer(BATCH)[0]
    engine = open_model(model, config=config)
    assert isinstance(engine, FallbackEngine)
    assert backend(engine) == "tensorrt"
    np.testing.assert_allclose(engine.infer(BATCH)[0], expected, atol=1e-5)
    if function == "cuMemcpyHtoDAsync_v2":
        engine.infer(BATCH[:1])
    fail(function, code=code)
    batch = BATCH[:2] if function == "cuMemcpyHtoDAsync_v2" else BATCH
    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(engine.infer(batch)[0], expected[: len(batch)], atol=1e-5)
    assert backend(engine) == "onnx"
    assert "model face goes on with ONNX Runtime" in caplog.text
    import re

    assert re.search(words, caplog.text)
    for _ in range(3):
        np.testing.assert_allclose(engine.infer(BATCH)[0], expected, atol=1e-5)
    engine.close()


@pytest.mark.parametrize("code", [CAPTURE_UNSUPPORTED, 650])
def test_a_model_that_cannot_be_recorded_runs_without_graphs(
    code: int, small: Prepared, caplog: pytest.LogCaptureFixture
) -> None:
    fail("cuStreamBeginCapture_v2", code=code)
    with caplog.at_level(logging.INFO), open_plan(*small) as engine:
        heal()
        first = engine.infer(BATCH)[0]
        np.testing.assert_array_equal(first, engine.infer(BATCH)[0])
        assert live().graphs == 0
    assert "runs without CUDA graphs" in caplog.text


def test_a_failed_instantiation_leaves_no_graph_behind(small: Prepared) -> None:
    fail("cuGraphInstantiateWithFlags", code=OUT_OF_MEMORY)
    with open_plan(*small) as engine:
        heal()
        engine.infer(BATCH)
        assert live().graphs == 0


def test_a_damaged_plan_means_onnx_runtime_with_the_reason(
    small: Prepared, caplog: pytest.LogCaptureFixture
) -> None:
    model, config = small
    (plan,) = (config.cache or Path()).glob("*.engine")
    content = bytearray(plan.read_bytes())
    content[100] ^= 0xFF
    plan.write_bytes(content)
    with caplog.at_level(logging.WARNING), open_model(model, config=config) as engine:
        assert backend(engine) == "onnx"
    assert "damaged: its sha256 is not the one in its side-car" in caplog.text


def test_a_foreign_plan_is_named_with_the_remedy(small: Prepared, tmp_path: Path) -> None:
    model, config = small
    (side_car,) = (config.cache or Path()).glob("*.engine.json")
    side_car.write_text(side_car.read_text().replace("10.13.3.9", "10.3.0"))
    answer = usable(model, config)
    assert not answer.ok
    assert "was compiled by tensorrt 10.3.0, this is tensorrt 10.13.3.9" in answer.reason
    assert answer.remedy.startswith("run build_engines.py --precision fp32")


def test_a_reload_switches_over_when_plans_have_appeared(tmp_path: Path, prepare: Prepare) -> None:
    from edge.config.models import EnginesConfig

    path = small_model(tmp_path / "models")
    config = EnginesConfig.model_validate({"cache": tmp_path / "cache", "precision": "fp32"})
    from gpu.models import load

    model = load(path)
    with open_model(model, config=config) as engine:
        assert backend(engine) == "onnx"
        assert not usable(model, config).ok
        prepare(path)
        assert usable(model, config).ok
    with open_model(model, config=config) as engine:
        assert engine.backend == "tensorrt"


LOST = """
import sys, threading
from pathlib import Path
from edge.config.models import EnginesConfig
from edge.inference.open import open_model
from edge.inference.onnx import OnnxEngine
from gpu.driver import fail
from gpu.models import load
import numpy as np

config = EnginesConfig.model_validate({"cache": sys.argv[2], "precision": "fp32"})
model = load(Path(sys.argv[1]))

def work():
    with open_model(model, config=config) as engine:
        assert engine.backend == "tensorrt"
        fail(sys.argv[3], after=int(sys.argv[4]), code=999)
        engine.infer(np.zeros((2, 1, 16, 16), np.float32))
        print("goes on with", engine.backend)

worker = threading.Thread(target=work)
worker.start()
worker.join()
"""


@pytest.mark.parametrize("function", ["cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2", "cuMemcpyHtoDAsync_v2"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_lost_device_ends_neither_the_thread_nor_the_process(
    function: str, after: int, small: Prepared, tmp_path: Path
) -> None:
    """pycuda aborts the process when a thread ends with a context that it thinks is current."""
    model, config = small
    done = run_script(LOST, str(model.path), str(config.cache), function, str(after))
    assert done.returncode == 0, done.stderr
    assert "goes on with" in done.stdout


PROBE = """
import sys
from edge.config.models import EnginesConfig
from edge.inference.tensorrt.probe import usable
from edge.inference.tensorrt.gpu_report import gpu_findings
from gpu.models import load
answer = usable(load(__import__("pathlib").Path(sys.argv[1])), EnginesConfig())
print(answer.ok, answer.reason, "|", answer.remedy)
for finding in gpu_findings(EnginesConfig()):
    print(finding)
print("tensorrt imported:", "tensorrt" in sys.modules)
"""


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"FAKECUDA_INIT": "100"}, "CUDA error 100, no CUDA-capable device is detected"),
        ({"FAKECUDA_INIT": "803"}, "reboot: the driver was updated"),
        ({"FAKECUDA_FAIL": "cuDeviceGetCount:0:100"}, "cuDeviceGetCount failed: CUDA error 100"),
        ({"LD_LIBRARY_PATH": ""}, "no NVIDIA driver"),
    ],
)
def test_a_missing_device_is_found_before_tensorrt_is_imported(
    environment: dict[str, str], reason: str, tmp_path: Path
) -> None:
    done = run_script(PROBE, str(small_model(tmp_path)), **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("False")
    assert reason in done.stdout
    assert "tensorrt imported: False" in done.stdout
