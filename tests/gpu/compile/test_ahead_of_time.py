"""Real plans by TensorRT-RTX, for GPUs that are not here."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gpu.models import copy_model, detector, load, shipped, small_model

from edge.inference.tensorrt.build import BuildTask, Compiler, build, profiles
from edge.inference.tensorrt.machine import Machine
from edge.inference.tensorrt.plans import PlanStore
from edge.inference.tensorrt.recipe import Options, Precision
from edge.inference.tensorrt.toolchain import deferred_interrupt, rtx_toolchain

ROOT = Path(__file__).parents[3]
TARGETS = "sm_86,SM120"
SIZES = ((640, 480),)
Toolchain = tuple[list[Machine], Compiler]


def quiet(_text: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return rtx_toolchain(TARGETS)


def task(path: Path, machine: Machine, precision: Precision = "fp32") -> BuildTask:
    model = load(path)
    return BuildTask(model, precision, profiles(model, 8, SIZES)[0], machine, Options())


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, str(ROOT / "build_engines.py"), "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def test_the_command_compiles_every_shipped_model_for_two_generations(tmp_path: Path) -> None:
    arguments = ["--target", TARGETS, "--precision", "fp32,fp16", "--cache", str(tmp_path)]
    code, report = run(*arguments)
    assert (code, report["ok"]) == (0, True), report
    assert report["tensorrt"].startswith("tensorrt_rtx 1.")
    made = {(plan["model"], plan["target"], plan["precision"]) for plan in report["plans"]}
    both = [(target, precision) for target in ("sm_86", "sm_120") for precision in ("fp32", "fp16")]
    assert made == {(model, *rest) for model in ("face", "speech") for rest in both}
    for plan in report["plans"]:
        path = Path(plan["file"])
        assert path.name.endswith(".rtx.engine")
        assert path.stat().st_size == plan["bytes"] > 500_000
        assert plan["cached"] is False
    code, report = run(*arguments)
    assert code == 0
    assert all(plan["cached"] for plan in report["plans"])


@pytest.mark.parametrize("kind", ["face", "speech"])
def test_the_int8_variant_that_ships_compiles(kind: str, tmp_path: Path, toolchain: Toolchain) -> None:
    if not shipped(kind).with_name(f"{kind}.tensorrt-int8.onnx").is_file():
        pytest.skip(f"no INT8 variant of {kind} ships")
    machines, compiler = toolchain
    for machine in machines:
        result = build(task(shipped(kind), machine, "int8"), PlanStore(tmp_path), compiler, quiet)
        assert result.ok, result.error


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_the_detector_compiles_at_a_fixed_size(
    precision: Precision, tmp_path: Path, toolchain: Toolchain
) -> None:
    found = detector()
    if found is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    machines, compiler = toolchain
    path = copy_model(found, tmp_path / "models")
    result = build(task(path, machines[0], precision), PlanStore(tmp_path), compiler, quiet)
    assert result.ok, result.error


def test_int8_made_by_our_own_quantisation_compiles(tmp_path: Path, toolchain: Toolchain) -> None:
    import numpy as np

    from edge.inference.tensorrt.precision import to_int8

    path = small_model(tmp_path / "models")
    batches = [np.random.default_rng(i).standard_normal((8, 1, 16, 16)).astype(np.float32) for i in range(4)]
    variant_path = path.with_name("face.tensorrt-int8.onnx")
    variant_path.write_bytes(to_int8(path, batches, base_sha256=load(path).card.sha256))
    machines, compiler = toolchain
    result = build(task(path, machines[0], "int8"), PlanStore(tmp_path), compiler, quiet)
    assert result.ok, result.error


def test_the_face_model_in_int8_standardises_crops_of_bytes_and_compiles(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    import numpy as np

    from edge.inference.tensorrt.precision import to_int8

    path = copy_model(shipped("face"), tmp_path / "models")
    crops = np.random.default_rng(0).integers(0, 256, (16, 1, 48, 48), dtype=np.uint8)
    made = to_int8(path, [crops[:8], crops[8:]], base_sha256=load(path).card.sha256)
    path.with_name("face.tensorrt-int8.onnx").write_bytes(made)
    machines, compiler = toolchain
    result = build(task(path, machines[0], "int8"), PlanStore(tmp_path), compiler, quiet)
    assert result.ok, result.error


def test_a_bad_model_is_refused_with_node_operator_and_reason(tmp_path: Path, toolchain: Toolchain) -> None:
    path = small_model(tmp_path / "models", operator="FancyOp")
    machines, compiler = toolchain
    result = build(task(path, machines[0]), PlanStore(tmp_path), compiler, quiet)
    assert not result.ok
    assert "'middle' (FancyOp)" in str(result.error)
    assert "Plugin not found" in str(result.error)


def test_fp16_that_would_yield_fp32_is_an_error(tmp_path: Path, toolchain: Toolchain) -> None:
    path = small_model(tmp_path / "models")
    import onnx

    from edge.inference.tensorrt.precision import BASE

    pretended = onnx.load(path)
    pretended.metadata_props.add(key=BASE, value=load(path).card.sha256)
    onnx.save(pretended, path.with_name("face.tensorrt-fp16.onnx"))
    machines, compiler = toolchain
    result = build(task(path, machines[0], "fp16"), PlanStore(tmp_path), compiler, quiet)
    assert "face.tensorrt-fp16.onnx is fp32, not fp16" in str(result.error)


def test_half_precision_ends_are_refused(tmp_path: Path, toolchain: Toolchain) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    path = small_model(tmp_path / "models")
    import onnx

    halved = convert_float_to_float16(onnx.load(path), keep_io_types=False)
    from edge.inference.tensorrt.precision import BASE

    halved.metadata_props.add(key=BASE, value=load(path).card.sha256)
    onnx.save(halved, path.with_name("face.tensorrt-fp16.onnx"))
    machines, compiler = toolchain
    result = build(task(path, machines[0], "fp16"), PlanStore(tmp_path), compiler, quiet)
    assert "inputs must be float32 or uint8, outputs float32" in str(result.error)


def test_a_card_that_describes_another_input_is_named(tmp_path: Path, toolchain: Toolchain) -> None:
    path = small_model(tmp_path / "models")
    card = json.loads(path.with_suffix(".json").read_text())
    card["input"]["shape"] = ["n", 1, 20, 20]
    path.with_suffix(".json").write_text(json.dumps(card))
    machines, compiler = toolchain
    result = build(task(path, machines[0]), PlanStore(tmp_path), compiler, quiet)
    assert "image is (-1, 1, 16, 16), not (8, 1, 20, 20)" in str(result.error)


def test_a_file_that_is_no_onnx_is_refused_in_words(tmp_path: Path, toolchain: Toolchain) -> None:
    path = small_model(tmp_path / "models")
    path.write_bytes(b"\x00" * 100)
    from gpu.models import write_card

    write_card(path, "face")
    machines, compiler = toolchain
    result = build(task(path, machines[0]), PlanStore(tmp_path), compiler, quiet)
    assert "face.onnx cannot be compiled" in str(result.error)


def test_a_read_only_cache_is_named_with_the_remedy(toolchain: Toolchain, tmp_path: Path) -> None:
    machines, compiler = toolchain
    path = small_model(tmp_path / "models")
    result = build(task(path, machines[0]), PlanStore(Path("/proc/cache")), compiler, quiet)
    assert "cannot write to /proc/cache" in str(result.error)
    assert "--cache" in str(result.error)


def test_builder_and_parser_report_progress_and_messages(tmp_path: Path, toolchain: Toolchain) -> None:
    from edge.inference.tensorrt.compile import Job, compile_plan
    from edge.inference.tensorrt.messages import Log, Progress

    path = small_model(tmp_path / "models")
    told: list[str] = []
    shares: list[float] = []

    class Watched(Progress):
        def step_complete(self, phase_name: str, step: int) -> bool:
            more = super().step_complete(phase_name, step)
            shares.append(self.share)
            return more

    messages: list[str] = []
    job = Job(path, "fp32", profiles(load(path), 8, SIZES)[0], 1 << 28, target="SM86")
    plan = compile_plan(job, Log(messages.append, verbose=True), Watched(told.append, interval=0.0))
    assert len(plan) > 10_000
    assert any("Building engine" in text for text in told)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert max(shares) > 0.8
    assert any("Opset version" in text for text in messages)


def test_ctrl_c_ends_a_build_and_not_the_process(tmp_path: Path) -> None:
    from edge.inference.tensorrt.compile import Job, compile_plan
    from edge.inference.tensorrt.messages import Log, Progress

    path = small_model(tmp_path / "models")
    job = Job(path, "fp32", profiles(load(path), 8, SIZES)[0], 1 << 28, target="SM86")

    before = signal.getsignal(signal.SIGINT)

    def press(_text: str) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), deferred_interrupt() as interrupted:
        compile_plan(job, Log(), Progress(press, cancelled=interrupted, interval=0.0))
    assert signal.getsignal(signal.SIGINT) is before
