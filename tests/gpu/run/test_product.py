"""The product on the fake device: build command, daemon, doctor and bench."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpu.models import copy_model, detector, small_model

from edge.config.models import CameraConfig, Config, EnginesConfig
from edge.samples import sample_clip

ROOT = Path(__file__).parents[3]
SIZE = (320, 256)


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
    for seconds in (6, 20, 60):
        done = daemon(compiled, seconds)
        assert done.returncode == 0, done.stderr
        for model in ("face", "speech", "centerface"):
            assert f"model {model} runs on tensorrt" in done.stderr
        summary = json.loads(done.stdout.splitlines()[-1])
        if summary["faces"] and summary["speech_windows"]:
            return
    raise AssertionError(f"nobody was seen and heard: {summary}")


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
        wait_for(process, "daemon.loop: ready")
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

    config = Config(
        engines=EnginesConfig(cache=compiled, face="face", speech="speech"), camera=CameraConfig()
    )
    machine, problem = usable_machine()
    assert problem is None
    chosen = [one for one in subjects(config, machine) if one.model == "face"]
    rows = [row for subject in chosen for row in measured(subject, 0.05)]
    kinds = {(row.backend, row.graphs, row.batch) for row in rows}
    assert {("TensorRT", graphs, batch) for graphs in (True, False) for batch in (1, 8)} <= kinds
    assert all(row.device_p50_ms for row in rows if row.backend == "TensorRT")
    assert table(rows).count("TensorRT") == 4
