"""Compiling models into plans: which file, which shapes, what is already there.

`build_engines.py` is the command; `edge.commands.build_engines` reads its options.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError, EngineError, ModelError
from edge.inference.card import load_card, sha256, verify
from edge.inference.engine import Shape
from edge.inference.registry import Model
from edge.inference.tensorrt.machine import Machine
from edge.inference.tensorrt.plans import Plan, PlanStore, write_atomically, writing
from edge.inference.tensorrt.precision import base_of, beside, to_fp16
from edge.inference.tensorrt.recipe import Options, Precision, Profile, Recipe

__all__ = [
    "BuildResult",
    "BuildTask",
    "Compiler",
    "Report",
    "Sizes",
    "build",
    "models_to_build",
    "profiles",
    "source_file",
]

Report = Callable[[str], None]
Sizes = tuple[tuple[int, int], ...]
"""Width and height of the detector's input, one plan each."""


@dataclass(frozen=True, slots=True)
class BuildTask:
    """One plan to make: the model, its precision, its shapes and the machine it is for."""

    model: Model
    precision: Precision
    profile: Profile
    machine: Machine
    options: Options


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What became of a task, as `build_engines.py --json` prints it."""

    model: str
    target: str
    precision: Precision
    file: str | None = None
    bytes: int = 0
    seconds: float = 0.0
    cached: bool = False
    ok: bool = True
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Compiler:
    """The parts of TensorRT that a build needs, so that this module imports none of it.

    `compile` takes task, ONNX file, timing cache and a listener; `inspect` lists a plan's layers.
    """

    compile: Callable[[BuildTask, Path, Path | None, Report], bytes]
    inspect: Callable[[bytes], list[object]] | None = None


def models_to_build(
    directory: Path, cache: Path, names: Collection[str], used: Collection[str] = ()
) -> list[Model]:
    """The models with a card in both places that are named; without names the detector and those `used`.

    With none of those all. Voice activity detection is left out, as it stays on the CPU, and unless named
    so is what is made for ONNX Runtime.

    Raises ModelError when there are none or a name is unknown.
    """
    paths = [path for place in (directory, cache) for path in sorted(place.glob("*.onnx"))]
    bases = [path for path in paths if "." not in path.stem and path.with_suffix(".json").is_file()]
    found = {path.stem: path for path in reversed(bases)}
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise ModelError(f"no model {', '.join(unknown)} in {directory} or {cache}")
    models = [Model(path, load_card(path.with_suffix(".json"))) for path in found.values()]
    compilable = {model.path.stem for model in models if "tensorrt" in model.card.runtimes}
    in_use = found.keys() & set(used)
    chosen = set(names) or (in_use & compilable if in_use else compilable)
    wanted = [
        model
        for model in models
        if (model.path.stem in chosen and model.card.kind != "vad")
        or (model.card.kind == "detector" and model.path.stem in compilable and not names)
    ]
    if not wanted:
        reason = "those in use are made for the CPU" if in_use else "check engines.directory"
        raise ModelError(f"no model to compile in {directory}: {reason}")
    return sorted(wanted, key=lambda model: model.card.name)


def profiles(model: Model, max_batch: int, sizes: Sizes) -> list[Profile]:
    """Batch 1 to `max_batch` for a classifier; one fixed shape per size for a detector.

    Raises ModelError when another size than the batch is free.
    """
    declared = tuple(model.card.input.shape)
    if model.card.kind == "detector" and len(declared) == 4:
        return [_fixed(model, (1, int(declared[1] or 3), height, width)) for width, height in sizes]
    rest = [size for size in declared[1:] if isinstance(size, int)]
    if len(rest) != len(declared) - 1:
        raise ModelError(
            f"{model.path}: only the batch may be free in {declared}; export it with fixed sizes"
        )
    largest = declared[0] if isinstance(declared[0], int) else max_batch
    smallest = declared[0] if isinstance(declared[0], int) else 1
    return [{model.card.input.name: ((smallest, *rest), (smallest, *rest), (largest, *rest))}]


def _fixed(model: Model, shape: Shape) -> Profile:
    return {model.card.input.name: (shape, shape, shape)}


def source_file(model: Model, precision: Precision, cache: Path) -> Path:
    """The ONNX file that a plan of that precision is compiled from.

    It lies beside the model, or is, for FP16, made into the cache.

    Raises EdgeError when there is none, it was made from another model, or the model is for another runtime.
    """
    if "tensorrt" not in model.card.runtimes:
        raise ModelError(f"{model.card.name} is made for ONNX Runtime: compile the model it was made from")
    if precision == "fp32":
        return model.path
    shipped = beside(model.path, precision)
    if shipped.is_file():
        return _checked(shipped, model)
    if precision == "int8":
        raise ModelError(f"there is no {shipped}: INT8 needs calibration; export it, or build fp16")
    made = cache / "fp16" / f"{model.path.stem}-{model.card.sha256[:12]}.onnx"
    if not made.is_file():
        content = to_fp16(model.path, base_sha256=model.card.sha256)
        with writing(cache):
            write_atomically(made, content)
    return _checked(made, model)


def _checked(path: Path, model: Model) -> Path:
    if base_of(path.read_bytes()) != model.card.sha256:
        raise ModelError(f"{path} was not made from this {model.path.name}; export it again")
    return path


def build(
    task: BuildTask, store: PlanStore, compiler: Compiler, report: Report, *, force: bool = False
) -> BuildResult:
    """One plan, from the cache if it is there; failures become part of the result."""
    name = task.model.card.name
    try:
        return _build(task, store, compiler, report, force)
    except EdgeError as error:
        return BuildResult(name, task.machine.target, task.precision, ok=False, error=str(error))


def _build(task: BuildTask, store: PlanStore, compiler: Compiler, report: Report, force: bool) -> BuildResult:
    verify(task.model.path, task.model.card)
    onnx = source_file(task.model, task.precision, store.directory)
    recipe = _recipe(task, onnx)
    label = f"{recipe.model} {recipe.precision} for {recipe.target}"
    with store.lock(recipe.file_name, lambda: report(f"{label}: waiting for another build of this plan")):
        plan = None if force else store.find(recipe)
        if plan is not None:
            report(f"{label}: is there, {plan.path.name}")
            return _result(plan, cached=True)
        report(f"{label}: compiling with {recipe.tensorrt}")
        started = time.monotonic()
        with _timing_cache(store, task.machine) as timing:
            content = compiler.compile(task, onnx, timing, lambda text: report(f"{label}: {text}"))
        layers = compiler.inspect(content) if compiler.inspect else None
        plan = store.save(recipe, content, time.monotonic() - started)
        _report_layers(plan, layers)
    report(f"{label}: {plan.size / 1e6:.1f} MB in {plan.seconds:.1f} s, {plan.path.name}")
    return _result(plan, cached=False)


def _recipe(task: BuildTask, onnx: Path) -> Recipe:
    return Recipe(
        model=task.model.card.name,
        model_sha256=task.model.card.sha256,
        onnx_sha256=sha256(onnx),
        precision=task.precision,
        tensorrt=task.machine.tensorrt,
        device=task.machine.device,
        target=task.machine.target,
        driver=task.machine.driver,
        profile=task.profile,
        options=task.options,
    )


def _result(plan: Plan, *, cached: bool) -> BuildResult:
    return BuildResult(
        model=plan.recipe.model,
        target=plan.recipe.target,
        precision=plan.recipe.precision,
        file=str(plan.path),
        bytes=plan.size,
        seconds=0.0 if cached else round(plan.seconds, 3),
        cached=cached,
    )


@contextmanager
def _timing_cache(store: PlanStore, machine: Machine) -> Iterator[Path | None]:
    """Measured tactics, kept per TensorRT version and GPU; two builders take turns."""
    if machine.driver is None:
        yield None
        return
    name = re.sub(
        r"[^A-Za-z0-9_.-]", "_", f"timing-{machine.tensorrt}-{machine.device}-{machine.target}.cache"
    )
    with store.lock(name):
        yield store.directory / name


def _report_layers(plan: Plan, layers: list[object] | None) -> None:
    if layers is None:
        return
    try:
        write_atomically(plan.path.with_suffix(".layers.json"), json.dumps(layers, indent=1).encode())
    except OSError as error:
        raise EngineError(f"cannot write the layer report of {plan.path}: {error.strerror}") from error
