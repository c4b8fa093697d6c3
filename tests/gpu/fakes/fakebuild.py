"""The build half of `tensorrt` for tests on the fake driver: a plan is the model with its profile."""

from __future__ import annotations

import enum
import json
from typing import Any

import onnx
import onnxruntime
from faketrt import MAGIC, ONNX_TYPES, DataType, ILogger  # type: ignore[import-not-found]


class LayerType(enum.Enum):
    CONVOLUTION, QUANTIZE, CAST = 0, 42, 1


class MemoryPoolType(enum.Enum):
    WORKSPACE = 0


class ProfilingVerbosity(enum.Enum):
    DETAILED = 2


class NetworkDefinitionCreationFlag(enum.IntEnum):
    STRONGLY_TYPED = 1


class IProgressMonitor:
    """Overridden by the caller."""

    def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None: ...

    def step_complete(self, phase_name: str, step: int) -> bool:
        return True

    def phase_finish(self, phase_name: str) -> None: ...


class Layer:
    def __init__(self, kind: LayerType, output: Tensor) -> None:
        self.type = kind
        self.num_outputs = 1
        self._output = output

    def get_output(self, index: int) -> Tensor:
        return self._output


class Tensor:
    def __init__(self, name: str, dtype: DataType, shape: tuple[int, ...]) -> None:
        self.name, self.dtype, self.shape = name, dtype, shape


class INetworkDefinition:
    """What the parser found; layers only as far as the precision check needs them."""

    def __init__(self) -> None:
        self.model = b""
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.layers: list[Layer] = []

    @property
    def num_inputs(self) -> int:
        return len(self.inputs)

    @property
    def num_outputs(self) -> int:
        return len(self.outputs)

    @property
    def num_layers(self) -> int:
        return len(self.layers)

    def get_input(self, index: int) -> Tensor:
        return self.inputs[index]

    def get_output(self, index: int) -> Tensor:
        return self.outputs[index]

    def get_layer(self, index: int) -> Layer:
        return self.layers[index]


class ParserError:
    def __init__(self, text: str) -> None:
        self._text = text

    def node(self) -> int:
        return -1

    def node_name(self) -> str:
        return ""

    def node_operator(self) -> str:
        return ""

    def desc(self) -> str:
        return self._text


class OnnxParser:
    def __init__(self, network: INetworkDefinition, logger: ILogger) -> None:
        self._network = network
        self._errors: list[ParserError] = []

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> ParserError:
        return self._errors[index]

    def parse_from_file(self, path: str) -> bool:
        try:
            model = onnx.load(path)
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except Exception as error:
            self._errors.append(ParserError(str(error)[:200]))
            return False
        network = self._network
        network.model = model.SerializeToString()
        network.inputs = [_tensor(item) for item in session.get_inputs()]
        network.outputs = [_tensor(item) for item in session.get_outputs()]
        halves = any(item.data_type == onnx.TensorProto.FLOAT16 for item in model.graph.initializer)
        kind = DataType.HALF if halves else DataType.FLOAT
        network.layers = [
            Layer(
                LayerType.QUANTIZE if node.op_type == "QuantizeLinear" else LayerType.CONVOLUTION,
                Tensor("", kind, ()),
            )
            for node in model.graph.node
        ]
        return True


def _tensor(item: Any) -> Tensor:
    return Tensor(
        item.name, ONNX_TYPES[item.type], tuple(size if isinstance(size, int) else -1 for size in item.shape)
    )


class IOptimizationProfile:
    def __init__(self) -> None:
        self.shapes: dict[str, list[tuple[int, ...]]] = {}

    def set_shape(self, name: str, *shapes: tuple[int, ...]) -> None:
        self.shapes[name] = list(shapes)


class ITimingCache:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def serialize(self) -> bytes:
        return self.content


class IBuilderConfig:
    builder_optimization_level = 3
    profiling_verbosity: ProfilingVerbosity | None = None
    progress_monitor: IProgressMonitor | None = None

    def __init__(self) -> None:
        self.pools: dict[MemoryPoolType, int] = {}
        self.profiles: list[IOptimizationProfile] = []
        self.timing: ITimingCache | None = None

    def set_memory_pool_limit(self, pool: MemoryPoolType, pool_size: int) -> None:
        self.pools[pool] = pool_size

    def add_optimization_profile(self, profile: IOptimizationProfile) -> int:
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: bytes) -> ITimingCache | None:
        return ITimingCache(serialized_timing_cache)

    def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:
        if cache.content and not cache.content.startswith(b"timings"):
            return False
        self.timing = cache
        return True

    def get_timing_cache(self) -> ITimingCache | None:
        return ITimingCache(b"timings of the fake")


class Builder:
    def __init__(self, logger: ILogger) -> None:
        self._logger = logger

    def create_network(self, flags: int) -> INetworkDefinition:
        return INetworkDefinition()

    def create_builder_config(self) -> IBuilderConfig:
        return IBuilderConfig()

    def create_optimization_profile(self) -> IOptimizationProfile:
        return IOptimizationProfile()

    def build_serialized_network(self, network: INetworkDefinition, config: IBuilderConfig) -> bytes | None:
        monitor = config.progress_monitor
        if monitor is not None:
            monitor.phase_start("Building engine", None, 1)
            if not monitor.step_complete("Building engine", 0):
                self._logger.log(ILogger.Severity.ERROR, "the build was cancelled")
                return None
            monitor.phase_finish("Building engine")
        return bytes(MAGIC + json.dumps(config.profiles[0].shapes).encode() + b"\n" + network.model)
