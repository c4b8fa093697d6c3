"""Every engine and runtime of this machine, and the table of what they do."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import get_args

from edge.bench.engine_rows import Open, Row, Subject, measure, resident_memory
from edge.config.models import Config, EnginesConfig
from edge.errors import EdgeError
from edge.inference.auto import detector_name, settled
from edge.inference.engine import Shape
from edge.inference.onnx import OnnxEngine
from edge.inference.registry import Model, find_model
from edge.inference.tensorrt.cuda import UnusableError, free_memory
from edge.inference.tensorrt.machine import Machine, local_machine, require_pycuda
from edge.inference.tensorrt.plans import Plan
from edge.inference.tensorrt.recipe import Precision

__all__ = ["describe", "measured", "subjects", "table", "usable_machine"]

_HEAD = "| model | runtime | precision | graph | batch | p50 ms | p99 ms | device p50 | device p99 |"
_HEAD += " items/s | items/s, 2 streams | memory MB |"


def subjects(config: Config, machine: Machine | None) -> Iterator[Subject]:
    """Each model on ONNX Runtime, then each of its fitting plans with and without CUDA graphs."""
    for model, shape in _models(config):
        threads = config.engines.threads
        item, batches = shape[1:], (1,) if model.card.kind == "detector" else (1, 8)
        opener = partial(OnnxEngine, model.path, name=model.card.name, threads=threads, warm=shape)
        runtime, precision = f"ONNX Runtime, {threads} thread", model.card.precision
        kind = model.card.input.type
        yield Subject(model.card.name, runtime, precision, None, item, batches, opener, kind)
        for plan in _plans(model, config.engines, machine, shape):
            for graphs in _graph_modes():
                yield Subject(
                    model.card.name,
                    "TensorRT",
                    plan.recipe.precision,
                    graphs,
                    item,
                    batches,
                    _opener(plan, graphs),
                    kind,
                )


def table(rows: list[Row]) -> str:
    """Markdown, ready for a README."""
    lines = [_HEAD, "|" + " --- |" * (_HEAD.count("|") - 1)]
    for row in rows:
        graph = {None: "-", True: "yes", False: "no"}[row.graphs]
        cells = [row.model, row.backend, row.precision, graph, row.batch, row.p50_ms, row.p99_ms]
        cells += [
            row.device_p50_ms,
            row.device_p99_ms,
            row.items_per_s,
            row.items_per_s_two_streams,
            row.memory_mb,
        ]
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def describe(machine: Machine | None) -> str:
    """The machine in one line."""
    cpu = f"{platform.machine()}, {os.cpu_count()} cores"
    return cpu if machine is None else f"{machine.device} ({machine.target}), {machine.tensorrt}, {cpu}"


def measured(subject: Subject, seconds: float) -> list[Row]:
    """Its rows; an engine that fails is told on stderr and left out."""
    name = f"{subject.model} on {subject.backend} {subject.precision}"
    print(f"measuring {name}", file=sys.stderr, flush=True)
    memory: Callable[[], int] = _device_memory if subject.backend == "TensorRT" else resident_memory
    try:
        return measure(subject, seconds=seconds, memory=memory)
    except EdgeError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return []


def _models(config: Config) -> Iterator[tuple[Model, Shape]]:
    from edge.perception.detector import input_size

    engines = settled(config.engines)
    for name in (engines.face, engines.speech):
        model = find_model(name, config=config.engines)
        yield model, (1, *(int(size or 1) for size in model.card.input.shape[1:]))
    camera = config.camera
    width, height = input_size(camera.width, camera.height, camera.detector.longer_side)
    try:
        name = detector_name(camera.detector.model, config.engines)
        yield find_model(name, config=config.engines, kind="detector"), (1, 3, height, width)
    except EdgeError as error:
        print(f"no detector rows: {error}", file=sys.stderr)


def _plans(model: Model, config: EnginesConfig, machine: Machine | None, shape: Shape) -> Iterator[Plan]:
    from edge.inference.tensorrt.probe import find_plan

    if machine is None:
        return
    precisions: tuple[Precision, ...] = get_args(Precision)
    for precision in precisions:
        found = find_plan(model, config.model_copy(update={"precision": precision}), machine, shape)
        if found.plan is not None:
            yield found.plan


def _opener(plan: Plan, graphs: bool) -> Open:
    from edge.inference.tensorrt.engine import TensorRTEngine

    return partial(TensorRTEngine, plan.read(), name=plan.recipe.model, graphs=graphs)


def _graph_modes() -> tuple[bool, ...]:
    from edge.inference.tensorrt.graphs import graphs_available

    return (True, False) if graphs_available() else (False,)


def usable_machine() -> tuple[Machine | None, str | None]:
    """This machine's GPU, or why TensorRT cannot use it."""
    try:
        machine = local_machine()
        require_pycuda()
    except UnusableError as error:
        return None, str(error)
    return machine, None


def _device_memory() -> int:
    """Grows with what is taken, as resident memory does."""
    return -free_memory()
