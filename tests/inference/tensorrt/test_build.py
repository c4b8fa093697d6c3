import dataclasses
import json
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.errors import EngineError, ModelError
from edge.inference.registry import Model, find_model
from edge.inference.tensorrt.build import (
    BuildResult,
    BuildTask,
    Compiler,
    Report,
    build,
    models_to_build,
    profiles,
    source_file,
)
from edge.inference.tensorrt.machine import Machine
from edge.inference.tensorrt.plans import PlanStore
from edge.inference.tensorrt.precision import base_of, to_fp16
from edge.inference.tensorrt.recipe import Options, Precision

MakeModel = Callable[..., Path]
ORIN = Machine("tensorrt 10.3.0", "Orin", "sm_87", (12, 6))
FREE = ["n", 3, "height", "width"]


def quiet(_text: str) -> None:
    """Nobody listens."""


class Counting:
    """A compiler that needs no TensorRT: the plan is the ONNX file behind a mark."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.calls = 0
        self.timing: list[Path | None] = []
        self._seconds = seconds

    def __call__(self, task: BuildTask, onnx: Path, timing: Path | None, report: Report) -> bytes:
        self.calls += 1
        self.timing.append(timing)
        time.sleep(self._seconds)
        report("50% halfway")
        return b"plan" + onnx.read_bytes()


def task(model: Model, precision: Precision = "fp32", machine: Machine = ORIN) -> BuildTask:
    return BuildTask(model, precision, profiles(model, 8, ((640, 480),))[0], machine, Options())


@pytest.fixture
def model(make_model: MakeModel) -> Model:
    return find_model(str(make_model()), config=EnginesConfig())


@pytest.fixture
def store(tmp_path: Path) -> PlanStore:
    return PlanStore(tmp_path / "cache")


def test_a_plan_is_compiled_once_and_then_found(model: Model, store: PlanStore) -> None:
    counting = Counting()
    first = build(task(model), store, Compiler(counting), quiet)
    second = build(task(model), store, Compiler(counting), quiet)
    assert (first.ok, first.cached, second.cached, counting.calls) == (True, False, True, 1)
    assert first.file == second.file
    assert first.bytes == model.path.stat().st_size + 4


def test_force_compiles_again(model: Model, store: PlanStore) -> None:
    counting = Counting()
    for _ in range(2):
        assert not build(task(model), store, Compiler(counting), quiet, force=True).cached
    assert counting.calls == 2


def test_a_damaged_plan_is_compiled_again(model: Model, store: PlanStore) -> None:
    counting = Counting()
    first = build(task(model), store, Compiler(counting), quiet)
    Path(str(first.file)).write_bytes(b"x" * first.bytes)
    assert not build(task(model), store, Compiler(counting), quiet).cached


def test_progress_is_told_with_model_precision_and_target(model: Model, store: PlanStore) -> None:
    told: list[str] = []
    build(task(model), store, Compiler(Counting()), told.append)
    assert told[0] == "face fp32 for sm_87: compiling with tensorrt 10.3.0"
    assert "face fp32 for sm_87: 50% halfway" in told


def test_a_failure_is_a_result_and_the_next_model_goes_on(model: Model, store: PlanStore) -> None:
    def refuse(task: BuildTask, onnx: Path, timing: Path | None, report: Report) -> bytes:
        raise EngineError("node 3 'Foo' (Foo): Plugin not found")

    result = build(task(model), store, Compiler(refuse), quiet)
    assert result == BuildResult(
        "face", "sm_87", "fp32", ok=False, error="node 3 'Foo' (Foo): Plugin not found"
    )
    assert store.entries() == []


def test_a_model_that_changed_behind_its_card_is_not_compiled(model: Model, store: PlanStore) -> None:
    model.path.write_bytes(model.path.read_bytes() + b"\x00")
    result = build(task(model), store, Compiler(Counting()), quiet)
    assert "does not match its card" in str(result.error)


def test_layers_are_reported_beside_the_plan(model: Model, store: PlanStore) -> None:
    compiler = Compiler(Counting(), lambda plan: [{"Name": "conv"}])
    result = build(task(model), store, compiler, quiet)
    report = Path(str(result.file)).with_suffix(".layers.json")
    assert json.loads(report.read_text()) == [{"Name": "conv"}]


def test_the_timing_cache_belongs_to_a_device_and_not_to_builds_ahead_of_time(
    model: Model, store: PlanStore
) -> None:
    counting = Counting()
    build(task(model), store, Compiler(counting), quiet)
    build(task(model, machine=Machine("tensorrt_rtx 1.7", "", "sm_86")), store, Compiler(counting), quiet)
    assert counting.timing == [store.directory / "timing-tensorrt_10.3.0-Orin-sm_87.cache", None]


def _build_in_process(path: Path, directory: Path, queue: "multiprocessing.Queue[tuple[bool, int]]") -> None:
    counting = Counting(seconds=0.5)
    model = find_model(str(path), config=EnginesConfig())
    result = build(task(model), PlanStore(directory), Compiler(counting), quiet)
    queue.put((result.ok, counting.calls))


def test_two_builders_at_once_compile_once(model: Model, store: PlanStore) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[tuple[bool, int]] = context.Queue()
    arguments = (model.path, store.directory, queue)
    builders = [context.Process(target=_build_in_process, args=arguments) for _ in range(2)]
    for builder in builders:
        builder.start()
    results = [queue.get(timeout=60) for _ in builders]
    for builder in builders:
        builder.join(10)
    assert sorted(results) == [(True, 0), (True, 1)]


def test_fp16_is_made_into_the_cache_and_marked_with_its_origin(model: Model, store: PlanStore) -> None:
    path = source_file(model, "fp16", store.directory)
    assert path.parent == store.directory / "fp16"
    assert base_of(path.read_bytes()) == model.card.sha256
    assert source_file(model, "fp16", store.directory) == path


def test_a_shipped_variant_is_preferred(model: Model, store: PlanStore) -> None:
    shipped = model.path.with_name("face.tensorrt-fp16.onnx")
    shipped.write_bytes(to_fp16(model.path, base_sha256=model.card.sha256))
    assert source_file(model, "fp16", store.directory) == shipped


def test_a_variant_of_another_model_is_refused(model: Model, store: PlanStore) -> None:
    model.path.with_name("face.tensorrt-int8.onnx").write_bytes(to_fp16(model.path, base_sha256="0" * 64))
    with pytest.raises(ModelError, match=r"was not made from this face\.onnx"):
        source_file(model, "int8", store.directory)


def test_int8_without_calibration_names_the_missing_file(model: Model, store: PlanStore) -> None:
    with pytest.raises(ModelError, match=r"face\.tensorrt-int8\.onnx: INT8 needs calibration"):
        source_file(model, "int8", store.directory)


def test_a_model_made_for_onnx_runtime_is_not_compiled(make_model: MakeModel, store: PlanStore) -> None:
    quantised = find_model(str(make_model("face-int8", runtimes=["onnx"])), config=EnginesConfig())
    with pytest.raises(ModelError, match="face-int8 is made for ONNX Runtime"):
        source_file(quantised, "fp16", store.directory)


def test_classifiers_get_a_range_of_batches_and_detectors_fixed_sizes(make_model: MakeModel) -> None:
    classifier = find_model(str(make_model()), config=EnginesConfig())
    assert profiles(classifier, 8, ()) == [{"image": ((1, 1, 4, 4), (1, 1, 4, 4), (8, 1, 4, 4))}]
    spec = {"name": "image", "shape": FREE, "layout": "NCHW", "normalisation": "none"}
    path = make_model("finder", kind="detector", labels=[], input=spec)
    found = profiles(find_model(str(path), config=EnginesConfig()), 8, ((640, 480), (320, 256)))
    assert [shape[0] for profile in found for shape in profile.values()] == [
        (1, 3, 480, 640),
        (1, 3, 256, 320),
    ]


def test_a_free_size_that_no_profile_covers_is_refused(make_model: MakeModel) -> None:
    spec = {"name": "image", "shape": ["n", 1, "t", 4], "layout": "NCHW", "normalisation": "none"}
    model = find_model(str(make_model(input=spec)), config=EnginesConfig())
    with pytest.raises(ModelError, match="only the batch may be free"):
        profiles(model, 8, ())


def test_models_are_those_with_a_card_but_neither_variants_nor_voice_activity(make_model: MakeModel) -> None:
    folder = make_model("face").parent
    make_model("vad", kind="vad", labels=[])
    make_model("face-int8", runtimes=["onnx"])
    (folder / "face.tensorrt-fp16.onnx").write_bytes(b"")
    (folder / "stray.onnx").write_bytes(b"")
    assert [found.card.name for found in models_to_build(folder, folder / "none", [])] == ["face"]
    with pytest.raises(ModelError, match="no model nose"):
        models_to_build(folder, folder / "none", ["nose"])
    with pytest.raises(ModelError, match="no model to compile"):
        models_to_build(folder / "none", folder / "none", [])


def test_without_names_the_models_in_use_and_the_detector_are_compiled(make_model: MakeModel) -> None:
    folder = make_model("face").parent
    for name, kind in (("face-small", "face"), ("speech", "speech"), ("centerface", "detector")):
        make_model(name, kind=kind)
    make_model("centerface-int8", kind="detector", runtimes=["onnx"])

    def chosen(names: list[str], used: tuple[str, ...]) -> list[str]:
        return [model.card.name for model in models_to_build(folder, folder / "none", names, used)]

    assert chosen([], ("face-small", "speech")) == ["centerface", "face-small", "speech"]
    assert chosen(["face"], ("face-small", "speech")) == ["face"]
    make_model("face-int8", runtimes=["onnx"])
    assert chosen([], ("face-int8", "speech")) == ["centerface", "speech"]
    assert chosen(["face-int8"], ("speech",)) == ["face-int8"]
    assert chosen([], ("elsewhere",)) == ["centerface", "face", "face-small", "speech"]


def test_results_carry_the_promised_keys() -> None:
    names = [field.name for field in dataclasses.fields(BuildResult)]
    assert names == ["model", "target", "precision", "file", "bytes", "seconds", "cached", "ok", "error"]
