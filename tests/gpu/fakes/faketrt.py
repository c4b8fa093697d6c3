"""The run half of `tensorrt` for tests on the fake driver: the part of its API that the product uses.

A plan is a profile and an ONNX model. execute_async_v3 puts a host function on the driver's stream;
when the stream runs, ONNX Runtime computes over the device addresses that were given. build.sh joins it
with fakebuild.py into a module `tensorrt`; the contract test holds the names against the real bindings.
"""

from __future__ import annotations

import ctypes
import enum
import functools
import json
from typing import Any

import numpy as np
import onnxruntime

__version__ = "10.13.3.9"
MAGIC = b"fake plan of TensorRT 10.13.3.9\n"
SCRATCH = 4096

_HostFunction = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def _driver() -> ctypes.CDLL:
    driver = ctypes.CDLL("libcuda.so.1")
    driver.cuLaunchHostFunc.argtypes = [ctypes.c_void_p] * 3
    return driver


class TensorIOMode(enum.Enum):
    NONE, INPUT, OUTPUT = range(3)


class DataType(enum.Enum):
    FLOAT, HALF, UINT8, INT64 = 0, 1, 5, 8


class LayerInformationFormat(enum.Enum):
    ONELINE, JSON = range(2)


class ExecutionContextAllocationStrategy(enum.Enum):
    STATIC, ON_PROFILE_CHANGE, USER_MANAGED = range(3)


_NUMPY = {
    DataType.FLOAT: np.float32,
    DataType.HALF: np.float16,
    DataType.UINT8: np.uint8,
    DataType.INT64: np.int64,
}
ONNX_TYPES = {
    "tensor(float)": DataType.FLOAT,
    "tensor(float16)": DataType.HALF,
    "tensor(uint8)": DataType.UINT8,
    "tensor(int64)": DataType.INT64,
}


def nptype(kind: DataType) -> Any:
    return _NUMPY[kind]


class ILogger:
    class Severity(enum.Enum):
        INTERNAL_ERROR, ERROR, WARNING, INFO, VERBOSE = range(5)

    def log(self, severity: Severity, msg: str) -> None:
        """Overridden by the caller."""


class Runtime:
    def __init__(self, log: ILogger) -> None:
        self.logger = log

    def deserialize_cuda_engine(self, plan: bytes) -> ICudaEngine | None:
        if not plan.startswith(MAGIC):
            error = "stdVersionRead == kSERIALIZATION_VERSION failed. Version tag does not match."
            self.logger.log(ILogger.Severity.ERROR, f"Serialization assertion {error}")
            return None
        return ICudaEngine(plan, self.logger)


@functools.lru_cache(maxsize=8)
def _session(model: bytes) -> Any:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


class ICudaEngine:
    device_memory_size_v2 = SCRATCH

    def __init__(self, plan: bytes, log: ILogger) -> None:
        head, model = plan[len(MAGIC) :].split(b"\n", 1)
        self.profile: dict[str, list[list[int]]] = json.loads(head)
        self.model = _session(model)
        self.logger = log
        inputs = {t.name: (t, TensorIOMode.INPUT) for t in self.model.get_inputs()}
        self.tensors = inputs | {t.name: (t, TensorIOMode.OUTPUT) for t in self.model.get_outputs()}
        self.num_io_tensors = len(self.tensors)

    def get_tensor_name(self, index: int) -> str:
        return str(list(self.tensors)[index])

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return self.tensors[name][1]

    def get_tensor_dtype(self, name: str) -> DataType:
        return ONNX_TYPES[self.tensors[name][0].type]

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[tuple[int, ...]]:
        return [tuple(shape) for shape in self.profile[name]]

    def create_execution_context(self, strategy: ExecutionContextAllocationStrategy) -> IExecutionContext:
        return IExecutionContext(self, strategy)

    def create_engine_inspector(self) -> EngineInspector:
        return EngineInspector(self)


class EngineInspector:
    def __init__(self, engine: ICudaEngine) -> None:
        self.engine = engine

    def get_engine_information(self, form: LayerInformationFormat) -> str:
        return json.dumps({"Layers": [{"Name": name} for name in self.engine.tensors], "Bindings": []})


class IExecutionContext:
    def __init__(self, engine: ICudaEngine, strategy: ExecutionContextAllocationStrategy) -> None:
        self.engine = engine
        self.addresses: dict[str, int] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.memory = strategy != ExecutionContextAllocationStrategy.USER_MANAGED
        self._kept: list[Any] = []  # a recorded graph calls its host function again and again

    def _error(self, text: str) -> bool:
        self.engine.logger.log(ILogger.Severity.ERROR, text)
        return False

    def set_device_memory(self, memory: int, size: int) -> None:
        if size < SCRATCH or memory % 256:
            raise RuntimeError("too little or misaligned device memory")
        self.memory = True

    def set_tensor_address(self, name: str, address: int) -> bool:
        if type(address) is not int:
            raise TypeError("the real bindings take an int")
        self.addresses[name] = address
        return name in self.engine.tensors

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        smallest, _, largest = self.engine.get_tensor_profile_shape(name, 0)
        inside = all(low <= size <= high for low, size, high in zip(smallest, shape, largest, strict=False))
        if len(shape) != len(largest) or not inside:
            return self._error(f"IExecutionContext::setInputShape: {name} {shape} outside profile")
        self.shapes[name] = tuple(shape)
        return True

    def infer_shapes(self) -> list[str]:
        return [
            n
            for n, (_, mode) in self.engine.tensors.items()
            if mode == TensorIOMode.INPUT and n not in self.shapes
        ]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        if name in self.shapes:
            return self.shapes[name]
        feeds = {n: np.zeros(s, nptype(self.engine.get_tensor_dtype(n))) for n, s in self.shapes.items()}
        return tuple(self.engine.model.run([name], feeds)[0].shape)

    def _view(self, address: int, name: str, shape: tuple[int, ...]) -> Any:
        dtype = np.dtype(nptype(self.engine.get_tensor_dtype(name)))
        memory = (ctypes.c_char * (int(np.prod(shape)) * dtype.itemsize)).from_address(address)
        return np.frombuffer(memory, dtype).reshape(shape)

    def execute_async_v3(self, stream_handle: int) -> bool:
        if set(self.addresses) != set(self.engine.tensors) or self.infer_shapes() or not self.memory:
            return self._error("IExecutionContext::enqueueV3: addresses, shapes or device memory missing")
        shapes, addresses = dict(self.shapes), dict(self.addresses)

        def work(_argument: object) -> None:
            feeds = {n: self._view(addresses[n], n, s).copy() for n, s in shapes.items()}
            names = [tensor.name for tensor in self.engine.model.get_outputs()]
            for name, value in zip(names, self.engine.model.run(names, feeds), strict=True):
                self._view(addresses[name], name, value.shape)[...] = value

        callback = _HostFunction(work)
        self._kept.append(callback)
        code = _driver().cuLaunchHostFunc(stream_handle, ctypes.cast(callback, ctypes.c_void_p), None)
        return code == 0 or self._error(
            f"IExecutionContext::enqueueV3: Error Code 1: Cuda Runtime (error {code})"
        )
