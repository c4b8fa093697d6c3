"""On a real GPU: compile, run, compare with ONNX Runtime. Nothing here has been executed yet."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpu.models import batch_for, load, shipped

from edge.config.models import EnginesConfig
from edge.inference.onnx import OnnxEngine
from edge.inference.tensorrt.cuda import free_memory
from edge.inference.tensorrt.engine import TensorRTEngine
from edge.inference.tensorrt.machine import local_machine
from edge.inference.tensorrt.probe import find_plan

ROOT = Path(__file__).parents[3]
TOLERANCE = {"fp32": 5e-3, "fp16": 5e-2}
"""Of logits; FP32 plans may compute products in TF32."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plans of the shipped models for this GPU, by the command."""
    folder = tmp_path_factory.mktemp("plans")
    command = [sys.executable, str(ROOT / "build_engines.py"), "face", "speech", "--json"]
    command += ["--precision", "fp32,fp16", "--cache", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["ok"], report
    return folder


def open_here(kind: str, precision: str, cache: Path, *, graphs: bool = True) -> TensorRTEngine:
    config = EnginesConfig.model_validate({"cache": cache, "precision": precision})
    found = find_plan(load(shipped(kind)), config, local_machine()).plan
    assert found is not None
    return TensorRTEngine(found.read(), name=kind, graphs=graphs)


@pytest.mark.parametrize("graphs", [True, False])
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("kind", ["face", "speech"])
def test_results_are_close_to_onnx_runtimes(kind: str, precision: str, graphs: bool, cache: Path) -> None:
    with OnnxEngine(shipped(kind), name=kind) as cpu, open_here(kind, precision, cache, graphs=graphs) as gpu:
        for seed, count in enumerate((1, 4, 8, 4, 1, 7), start=1):
            batch = batch_for((count, *gpu.shapes[1][1:]), gpu.takes, seed)
            np.testing.assert_allclose(gpu.infer(batch)[0], cpu.infer(batch)[0], atol=TOLERANCE[precision])
        assert gpu.device_ms > 0


def test_opening_and_closing_returns_the_memory(cache: Path) -> None:
    open_here("face", "fp16", cache).close()
    before = free_memory()
    for _ in range(50):
        open_here("face", "fp16", cache).close()
    assert before - free_memory() < 16 << 20


def test_two_engines_in_two_threads_agree_with_themselves(cache: Path) -> None:
    failures: list[BaseException] = []

    def work(kind: str) -> None:
        try:
            with open_here(kind, "fp16", cache) as engine:
                batch = batch_for((3, *engine.shapes[1][1:]), engine.takes, 1)
                first = engine.infer(batch)[0]
                for _ in range(200):
                    np.testing.assert_array_equal(engine.infer(batch)[0], first)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(kind,)) for kind in ("face", "speech")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
