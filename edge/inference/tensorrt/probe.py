"""Whether TensorRT can run a model here and now: driver, bindings and a fitting plan."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from edge.config.models import EnginesConfig
from edge.inference.directories import cache_directory, model_directory
from edge.inference.engine import Shape
from edge.inference.registry import Model
from edge.inference.select import Usability
from edge.inference.tensorrt.cuda import UnusableError
from edge.inference.tensorrt.machine import Machine, local_machine, require_pycuda
from edge.inference.tensorrt.plans import Match, PlanStore, match
from edge.inference.tensorrt.recipe import Wanted

__all__ = ["BUILD", "FLOAT_MODEL", "find_plan", "plan_stores", "usable"]

BUILD: Final = "run build_engines.py"
FLOAT_MODEL: Final = "for the GPU configure the model that it was made from (its name without -int8)"


def usable(
    model: Model, config: EnginesConfig, shape: Shape | None = None, *, env: Mapping[str, str] = os.environ
) -> Usability:
    """Cheap enough to ask at every reload: nothing is compiled, no plan is read or loaded.

    `shape` is the input the caller will use, where only that one will do (the detector's).
    """
    if model.card.kind == "vad":
        return Usability(False, "voice activity detection always runs on ONNX Runtime")
    try:
        machine = local_machine()
        require_pycuda()
    except UnusableError as error:
        cpu_only = "tensorrt" not in model.card.runtimes
        return Usability(False, error.reason, "" if cpu_only else error.remedy)
    if "tensorrt" not in model.card.runtimes:
        return Usability(False, f"{model.card.name} is made for ONNX Runtime on the CPU", FLOAT_MODEL)
    found = find_plan(model, config, machine, shape, env=env)
    if found.plan is None:
        return Usability(False, _reason(model, config, found, env), _remedy(model, config, found, shape))
    return Usability(True, f"{found.plan.path.name} fits {machine.device} and {machine.tensorrt}")


def find_plan(
    model: Model,
    config: EnginesConfig,
    machine: Machine,
    shape: Shape | None = None,
    *,
    env: Mapping[str, str] = os.environ,
) -> Match:
    """The newest fitting plan in the cache, then in `engines/built`; or why there is none."""
    wanted = Wanted(
        model=model.card.name,
        model_sha256=model.card.sha256,
        precision=config.precision,
        tensorrt=machine.tensorrt,
        device=machine.device,
        target=machine.target,
        driver=machine.driver or (0, 0),
        shape=shape,
    )
    return match(plan_stores(config, env), wanted)


def plan_stores(config: EnginesConfig, env: Mapping[str, str] = os.environ) -> list[PlanStore]:
    """Where plans are looked for."""
    return [PlanStore(cache_directory(config, env)), PlanStore(model_directory(config) / "built")]


def _reason(model: Model, config: EnginesConfig, found: Match, env: Mapping[str, str]) -> str:
    if found.refused:
        return "; ".join(found.refused)
    return f"no {config.precision} plan of {model.card.name} in {cache_directory(config, env)}"


def _remedy(model: Model, config: EnginesConfig, found: Match, shape: Shape | None) -> str:
    command = BUILD if config.precision == "fp16" else f"{BUILD} --precision {config.precision}"
    if shape is not None and model.card.kind == "detector":
        command += f" --detector-size {shape[3]}x{shape[2]}"
    return f"{command} (took {found.seconds:.0f} s the last time)" if found.seconds >= 1 else command
