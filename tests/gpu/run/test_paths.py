"""The product on the fake device: face and speech paths, build command, daemon and bench."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpu.driver import live
from gpu.models import copy_model, detector, load, shipped, small_model
from gpu.run.conftest import Prepared

from edge.capture.clip import Clip
from edge.config.models import CameraConfig, Config, EnginesConfig
from edge.emotions import AudioChunk, Frame, Reading
from edge.inference.engine import Backend
from edge.inference.probe import usable
from edge.samples import sample_clip

Prepare = Callable[..., Prepared]
ROOT = Path(__file__).parents[3]
SECONDS = 6.0
SIZE = (320, 256)


def config_on(backend: Backend, cache: Path) -> Config:
    engines = {"backend": backend, "cache": str(cache), "precision": "fp32"}
    return Config.model_validate({"engines": engines})


@pytest.fixture(scope="module")
def clip() -> list[Frame | AudioChunk]:
    """The first seconds of the sample clip."""
    items: list[Frame | AudioChunk] = []
    for item in Clip(sample_clip()):
        if item.captured_at > SECONDS:
            break
        items.append(item)
    return items


def test_the_face_path_reads_the_same_as_on_onnx_runtime(
    prepare: Prepare, clip: list[Frame | AudioChunk], tmp_path: Path
) -> None:
    found = detector()
    if found is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    prepare(shipped("face"))
    prepare(copy_model(found, tmp_path / "cache"), size=SIZE)
    frames = [item for item in clip if isinstance(item, Frame)][::3]
    ours, expected = (face_readings(backend, tmp_path / "cache", frames) for backend in ("tensorrt", "onnx"))
    assert len(ours) == len(expected) > 5
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        assert one.box is not None
        assert other.box is not None
        np.testing.assert_allclose(np.array(one.box), np.array(other.box), atol=1e-4)


def face_readings(backend: Backend, cache: Path, frames: list[Frame]) -> list[Reading]:
    from edge.perception.face import FacePipeline

    with FacePipeline.open(config_on(backend, cache), clock=lambda: 0.0) as pipeline:
        assert pipeline.classifier.backend == backend
        assert live().streams == (2 if backend == "tensorrt" else 0)
        return [reading for frame in frames for reading in pipeline.process(frame).readings]


def test_the_speech_path_reads_the_same_as_on_onnx_runtime(
    prepare: Prepare, clip: list[Frame | AudioChunk], tmp_path: Path
) -> None:
    prepare(shipped("speech"))
    chunks = [item for item in clip if isinstance(item, AudioChunk)]
    ours, expected = (
        speech_readings(backend, tmp_path / "cache", chunks) for backend in ("tensorrt", "onnx")
    )
    assert len(ours) == len(expected) > 1
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def speech_readings(backend: Backend, cache: Path, chunks: list[AudioChunk]) -> list[Reading]:
    from edge.perception.speech import SpeechPipeline

    with SpeechPipeline.open(config_on(backend, cache), clock=lambda: 0.0) as pipeline:
        assert pipeline.classifier.backend == backend
        return [reading for chunk in chunks for reading in pipeline.process(chunk)]


def test_the_detectors_plan_must_have_the_size_that_the_camera_needs(
    prepare: Prepare, tmp_path: Path
) -> None:
    found = detector()
    if found is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    path = copy_model(found, tmp_path / "cache")
    _, config = prepare(path, size=SIZE)
    assert usable(load(path), config, (1, 3, 256, 320)).ok
    answer = usable(load(path), config, (1, 3, 480, 640))
    assert "another input than (1, 3, 480, 640)" in answer.reason
    assert "--detector-size 640x480" in answer.remedy


def build(*arguments: str, cache: Path, **environment: str) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, str(ROOT / "build_engines.py"), "--json", "--cache", str(cache), *arguments]
    env = os.environ | environment
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture
def small_engines(tmp_path: Path) -> Iterator[Path]:
    yield small_model(tmp_path / "models").parent


def test_the_command_builds_for_this_device_lists_and_prunes(small_engines: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    code, report, err = build("--engines", str(small_engines), "--precision", "fp32,fp16", cache=cache)
    assert (code, report["ok"], report["tensorrt"]) == (0, True, "tensorrt 10.13.3.9")
    assert [(plan["precision"], plan["target"]) for plan in report["plans"]] == [
        ("fp32", "sm_87"),
        ("fp16", "sm_87"),
    ]
    assert "face fp16 for sm_87: compiling with tensorrt 10.13.3.9" in err
    assert [path.read_bytes() for path in cache.glob("timing-*.cache")] == [b"timings of the fake"]
    (layers, _) = cache.glob("*.layers.json")
    assert json.loads(layers.read_text())[0]["Name"] == "image"
    code, report, _ = build("--engines", str(small_engines), "--precision", "fp32,fp16", cache=cache)
    assert [plan["cached"] for plan in report["plans"]] == [True, True]
    foreign = next(cache.glob("*.engine.json"))
    foreign.write_text(foreign.read_text().replace("Fake GPU", "Real GPU"))
    code, report, _ = build("--list", cache=cache)
    assert code == 0
    assert sorted(plan["ok"] for plan in report["plans"]) == [False, True]
    assert any("was compiled for Real GPU" in str(plan["error"]) for plan in report["plans"])
    code, report, _ = build("--prune", cache=cache)
    assert len(report["plans"]) == 1
    assert len(list(cache.glob("*.engine"))) == 1


def test_a_device_that_runs_out_of_memory_fails_the_build_in_words(
    small_engines: Path, tmp_path: Path
) -> None:
    code, report, _ = build(
        "--engines",
        str(small_engines),
        "--precision",
        "fp32",
        cache=tmp_path / "c",
        FAKECUDA_FAIL="cuMemGetInfo_v2:0:2",
    )
    assert code == 1
    assert "cuMemGetInfo_v2 failed: CUDA error 2, out of memory" in report["plans"][0]["error"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with plans of all models of the product, in FP32."""
    cache = tmp_path_factory.mktemp("compiled")
    found = detector()
    if found is not None:
        copy_model(found, cache)
    size = "x".join(map(str, SIZE))
    code, report, _ = build("--precision", "fp32", "--detector-size", size, cache=cache)
    assert code == 0, report
    return cache


def surroundings(cache: Path) -> dict[str, str]:
    """The environment of a daemon that plays the sample clip, without a broker."""
    keys = {"ENGINES__CACHE": str(cache), "ENGINES__PRECISION": "fp32", "MQTT__ENABLED": "false"}
    keys |= {"CAMERA__SOURCE": str(sample_clip()), "MICROPHONE__SOURCE": str(sample_clip())}
    return os.environ | {f"EMOTION_EDGE_{key}": value for key, value in keys.items()}


def edge(*arguments: str, cache: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = surroundings(cache) | environment
    command = [sys.executable, "-m", "edge", *arguments]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT
    )


def daemon(cache: Path, seconds: float, **environment: str) -> subprocess.CompletedProcess[str]:
    return edge("run", "--duration", str(seconds), "--summary", cache=cache, **environment)


def wait_for(process: subprocess.Popen[str], text: str, times: int = 1) -> None:
    """Read the log until it has said `text` so many times; the process ends by itself if it never does."""
    assert process.stderr is not None
    for line in process.stderr:
        times -= text in line
        if times == 0:
            return
    raise AssertionError(f"the daemon ended without saying {text!r}")


def test_the_daemon_runs_on_the_device(compiled: Path) -> None:
    if detector() is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    done = daemon(compiled, 6)
    assert done.returncode == 0, done.stderr
    for model in ("face", "speech", "centerface"):
        assert f"model {model} runs on tensorrt" in done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["faces"] > 0
    assert summary["speech_windows"] > 0


def test_the_daemon_loses_the_device_says_so_and_goes_on(compiled: Path) -> None:
    if detector() is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    done = daemon(compiled, 10, FAKECUDA_FAIL="cuGraphLaunch:12:719")
    assert done.returncode == 0, done.stderr
    fallen = set(re.findall(r"model (\w+) goes on with ONNX Runtime", done.stderr))
    assert {"face", "speech", "centerface"} <= fallen
    assert "launch failure" in done.stderr.lower().replace("_", " ")
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["faces"] > 10
    assert summary["speech_windows"] > 0


def test_a_reload_moves_the_running_daemon_to_plans_that_have_appeared(
    compiled: Path, tmp_path: Path
) -> None:
    if detector() is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    cache = tmp_path / "cache"
    cache.mkdir()
    for model in compiled.glob("centerface.*"):
        shutil.copy(model, cache)
    command = [sys.executable, "-m", "edge", "run", "--duration", "60"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=surroundings(cache), stderr=pipe, text=True, cwd=ROOT) as process:
        wait_for(process, "runs on onnx", times=3)
        wait_for(process, "daemon: ready")
        shutil.copytree(compiled, cache, dirs_exist_ok=True)
        process.send_signal(signal.SIGHUP)
        wait_for(process, "runs on tensorrt", times=3)
        process.terminate()
        assert process.wait(20) == 0


def test_doctor_shows_device_versions_and_plans(compiled: Path) -> None:
    done = edge("doctor", "--json", cache=compiled)
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert "Fake GPU (host memory) (sm_87" in found["gpu"]["detail"]
    assert "driver for CUDA 13.0" in found["gpu"]["detail"]
    assert found["tensorrt"]["detail"].startswith("tensorrt 10.13.3.9, pycuda 20")
    assert "face fp32" in found["plans"]["detail"]


def test_the_bench_measures_both_runtimes_with_and_without_graphs(compiled: Path) -> None:
    from edge.bench.engine_report import measured, subjects, table, usable_machine

    config = Config(engines=EnginesConfig(cache=compiled), camera=CameraConfig())
    machine, problem = usable_machine()
    assert problem is None
    chosen = [one for one in subjects(config, machine) if one.model == "face"]
    rows = [row for subject in chosen for row in measured(subject, 0.05)]
    kinds = {(row.backend, row.graphs, row.batch) for row in rows}
    assert {("TensorRT", graphs, batch) for graphs in (True, False) for batch in (1, 8)} <= kinds
    assert all(row.device_p50_ms for row in rows if row.backend == "TensorRT")
    assert table(rows).count("TensorRT") == 4
