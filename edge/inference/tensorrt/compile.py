"""From an ONNX file to a TensorRT plan: one source for TensorRT 10.3 to 11 and TensorRT-RTX.

Networks are strongly typed: the precision is what the ONNX file says, never what a flag hopes for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EngineError
from edge.inference.tensorrt.bindings import IS_RTX, trt
from edge.inference.tensorrt.messages import Log, Progress
from edge.inference.tensorrt.plans import write_atomically
from edge.inference.tensorrt.recipe import Precision, Profile

__all__ = ["Job", "compile_plan", "inspect_plan", "known_targets", "network_precision"]

_SHOWN_ERRORS: Final = 5


@dataclass(frozen=True, slots=True)
class Job:
    """One compilation. `workspace` is in bytes; `target` is a name such as `SM86`, for TensorRT-RTX only."""

    onnx: Path
    precision: Precision
    profile: Profile
    workspace: int
    optimization_level: int = 3
    timing_cache: Path | None = None
    target: str | None = None


def compile_plan(job: Job, log: Log, progress: Progress | None = None) -> bytes:
    """The plan's bytes. Raises EngineError with TensorRT's words, naming node and operator."""
    if not job.onnx.is_file():
        raise EngineError(f"no model at {job.onnx}")
    builder = trt.Builder(log)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, log)  # owns the weights, so it lives until the plan is built
    _parse(parser, job, log)
    _check_types(network, job)
    config = _config(builder, job, progress)
    _add_profile(builder, network, config, job, log)
    _load_timing_cache(config, job.timing_cache)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineError(f"{job.onnx.name} cannot be compiled: {log.take('TensorRT gave no reason')}")
    _save_timing_cache(config, job.timing_cache)
    return bytes(plan)


def known_targets() -> tuple[str, ...]:
    """What `Job.target` may be, in the names of TensorRT-RTX."""
    names = [name for name in dir(_capabilities()) if name.startswith("SM")]
    return tuple(sorted(names, key=lambda name: int(name[2:])))


def _capabilities() -> type:
    capabilities: type = trt.ComputeCapability  # type: ignore[attr-defined, unused-ignore]
    return capabilities


def inspect_plan(plan: bytes, log: Log) -> list[object]:
    """What the engine inspector says about each layer; loads the plan, so it needs the device.

    Raises EngineError when TensorRT refuses the plan it has just made.
    """
    runtime = trt.Runtime(log)
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise EngineError(log.take("TensorRT refuses the plan it has just made"))
    text = engine.create_engine_inspector().get_engine_information(trt.LayerInformationFormat.JSON)
    layers = json.loads(text).get("Layers", [])
    return list(layers)


def _parse(parser: trt.OnnxParser, job: Job, log: Log) -> None:
    if parser.parse_from_file(str(job.onnx)):
        return
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    texts = [f"node {e.node()} {e.node_name()!r} ({e.node_operator()}): {e.desc()}" for e in errors]
    told = "; ".join(texts[:_SHOWN_ERRORS])
    raise EngineError(f"{job.onnx.name} cannot be compiled: {told or log.take('the parser gave no reason')}")


def _check_types(network: trt.INetworkDefinition, job: Job) -> None:
    found = network_precision(network)
    if found != job.precision:
        raise EngineError(
            f"{job.onnx.name} is {found}, not {job.precision}: a strongly typed network takes its precision "
            f"from the file; export the {job.precision} variant"
        )
    inputs = [network.get_input(i) for i in range(network.num_inputs)]
    outputs = [network.get_output(i) for i in range(network.num_outputs)]
    wrong = [t for t in inputs if t.dtype not in (trt.DataType.FLOAT, trt.DataType.UINT8)]
    wrong += [t for t in outputs if t.dtype != trt.DataType.FLOAT]
    for tensor in wrong:
        raise EngineError(
            f"{job.onnx.name}: {tensor.name} is {tensor.dtype}; inputs must be float32 or uint8, "
            "outputs float32"
        )


def network_precision(network: trt.INetworkDefinition) -> Precision:
    """int8 when something is quantised, else fp16 when something is computed in halves, else fp32."""
    precision: Precision = "fp32"
    for layer in (network.get_layer(index) for index in range(network.num_layers)):
        if layer.type == trt.LayerType.QUANTIZE:
            return "int8"
        if layer.num_outputs and layer.get_output(0).dtype == trt.DataType.HALF:
            precision = "fp16"
    return precision


def _config(builder: trt.Builder, job: Job, progress: Progress | None) -> trt.IBuilderConfig:
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, job.workspace)
    config.builder_optimization_level = job.optimization_level
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if progress is not None:
        config.progress_monitor = progress
    if job.target is not None:
        config.num_compute_capabilities = 1  # type: ignore[attr-defined, unused-ignore]
        capability = getattr(_capabilities(), job.target)
        config.set_compute_capability(capability, 0)  # type: ignore[attr-defined, unused-ignore]
    return config


def _add_profile(
    builder: trt.Builder, network: trt.INetworkDefinition, config: trt.IBuilderConfig, job: Job, log: Log
) -> None:
    tensors = [network.get_input(index) for index in range(network.num_inputs)]
    profile = builder.create_optimization_profile()
    for tensor in tensors:
        shapes = job.profile.get(tensor.name)
        if shapes is None:
            raise EngineError(f"{job.onnx.name}: its card does not describe the input {tensor.name!r}")
        if not _compatible(tuple(tensor.shape), shapes[2]):
            raise EngineError(f"{job.onnx.name}: {tensor.name} is {tuple(tensor.shape)}, not {shapes[2]}")
        profile.set_shape(tensor.name, *shapes)
    if config.add_optimization_profile(profile) < 0:
        raise EngineError(f"{job.onnx.name}: {log.take('the optimization profile was refused')}")


def _compatible(declared: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(declared) == len(wanted) and all(
        size in (-1, other) for size, other in zip(declared, wanted, strict=True)
    )


def _load_timing_cache(config: trt.IBuilderConfig, path: Path | None) -> None:
    """A cache that cannot be read, or of another device, costs time and nothing else."""
    if path is None or IS_RTX:
        return
    content = path.read_bytes() if path.is_file() else b""
    cache = config.create_timing_cache(content) or config.create_timing_cache(b"")
    if not config.set_timing_cache(cache, False):
        config.set_timing_cache(config.create_timing_cache(b""), False)


def _save_timing_cache(config: trt.IBuilderConfig, path: Path | None) -> None:
    if path is None or IS_RTX:
        return
    cache = config.get_timing_cache()
    if cache is not None:
        write_atomically(path, bytes(cache.serialize()))
