"""Plans on a CUDA stream of their own.

Measured on a fake driver only: nothing in here has run on a GPU yet.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.closing import Closing
from edge.inference.engine import Backend, Batch, Shape, Tensor
from edge.inference.registry import Model
from edge.inference.tensorrt.buffers import Buffer
from edge.inference.tensorrt.execution import ExecutionContext
from edge.inference.tensorrt.graphs import Graph, GraphError, graphs_available
from edge.inference.tensorrt.machine import local_machine, require_pycuda
from edge.inference.tensorrt.primary_context import PrimaryContext, explained, forget_locals
from edge.inference.tensorrt.probe import find_plan, usable

if TYPE_CHECKING:
    import tensorrt as trt

    from edge.inference.tensorrt.messages import Log

__all__ = ["TensorRTEngine", "open_plan", "usable"]

_log = logging.getLogger(__name__)
_NON_BLOCKING: Final = 1
"""CU_STREAM_NON_BLOCKING: no waiting for the legacy default stream."""


def open_plan(
    model: Model, config: EnginesConfig, shape: Shape | None = None, *, env: Mapping[str, str] = os.environ
) -> TensorRTEngine:
    """The model's plan for this machine. Raises EngineError when there is none or it cannot be loaded."""
    found = find_plan(model, config, local_machine(), shape, env=env)
    if found.plan is None:
        raise EngineError(f"no plan of {model.card.name} fits: {'; '.join(found.refused) or 'there is none'}")
    require_pycuda()
    return TensorRTEngine(found.plan.read(), name=model.card.name)


class TensorRTEngine(Closing):
    """A deserialised plan with one input of float32 or uint8; implements `edge.inference.engine.Engine`.

    One stream, pinned buffers and scratch memory allocated at the profile's largest shape, one
    execution context per batch size met (shapes are set once), and a CUDA graph for each where
    cuda-bindings are installed. The context is pushed around every call, so any one thread at a time
    may call; `graphs` False switches recording off.
    """

    def __init__(self, plan: bytes, *, name: str, graphs: bool = True) -> None:
        self._name = name
        self._graphs = graphs and graphs_available()
        self._executions: dict[int, ExecutionContext] = {}
        self._buffers: dict[str, Buffer] = {}
        self._stream: Any = None
        self._scratch: Any = None
        self._primary: PrimaryContext | None = None
        try:
            with explained(self._name):
                self._primary = PrimaryContext()
                with self._primary.allocating():
                    self._open(plan)
                    self._allocate()
            self.infer(np.zeros(self._smallest, self._type))
        except BaseException as error:
            forget_locals(error)
            self.close()
            raise

    @property
    def name(self) -> str:
        """Name of the model, as in its card."""
        return self._name

    @property
    def backend(self) -> Backend:
        """Which runtime executes it."""
        return "tensorrt"

    @property
    def shapes(self) -> tuple[Shape, Shape]:
        """Smallest and largest input."""
        return self._smallest, self._largest

    @property
    def takes(self) -> np.dtype[Any]:
        """Type of the input: float32, or uint8."""
        return self._type

    @property
    def device_ms(self) -> float:
        """How long the device took for the last call, copies included, by events."""
        with explained(self._name), self._current():
            return float(self._finished.time_since(self._started))

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        """All outputs for one batch. Raises EngineError, with TensorRT's or CUDA's words."""
        self._check_shape(batch)
        with explained(self._name), self._current():
            execution = self._executions.get(len(batch)) or self._open_execution(batch.shape)
            self._buffers[self._input].put(batch)
            self._run(execution)
            outputs = tuple(self._buffers[name].take(shape) for name, shape in execution.outputs)
        for (name, _), output in zip(execution.outputs, outputs, strict=True):
            if not np.isfinite(output).all():
                raise EngineError(f"model {self._name} gave a value that is not a finite number in {name}")
        return outputs

    def close(self) -> None:
        """Release everything in order; further calls do nothing."""
        primary, self._primary = self._primary, None
        if primary is not None:
            primary.release(self._release)

    def _open(self, plan: bytes) -> None:
        import pycuda.driver as cuda
        import tensorrt as trt

        from edge.inference.tensorrt.messages import Log

        self._cuda = cuda
        self._words: Log = Log()
        self._runtime = trt.Runtime(self._words)
        engine = self._runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise EngineError(
                f"{self._words.take('TensorRT refuses the plan')}; run build_engines.py --force"
            )
        self._engine: trt.ICudaEngine = engine
        self._stream = cuda.Stream(_NON_BLOCKING)
        self._started = cuda.Event(cuda.event_flags.BLOCKING_SYNC)
        self._finished = cuda.Event(cuda.event_flags.BLOCKING_SYNC)

    def _allocate(self) -> None:
        import tensorrt as trt

        engine = self._engine
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        inputs = [name for name in names if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        if len(inputs) != 1:
            raise EngineError(f"the plan has {len(inputs)} inputs, one is supported")
        self._input = inputs[0]
        self._type: np.dtype[Any] = np.dtype(trt.nptype(engine.get_tensor_dtype(self._input)))
        self._outputs = [name for name in names if name not in inputs]
        smallest, _, largest = engine.get_tensor_profile_shape(self._input, 0)
        self._smallest, self._largest = tuple(smallest), tuple(largest)
        self._scratch_bytes = max(1, int(engine.device_memory_size_v2))
        self._scratch = self._cuda.mem_alloc(self._scratch_bytes)
        execution = ExecutionContext(self._engine, self._input, self._outputs, self._largest, self._words)
        for name, shape in ((self._input, self._largest), *execution.outputs):
            dtype = np.dtype(trt.nptype(engine.get_tensor_dtype(name)))
            self._buffers[name] = Buffer(shape, dtype, self._stream)

    def _open_execution(self, shape: Shape) -> ExecutionContext:
        execution = ExecutionContext(self._engine, self._input, self._outputs, shape, self._words)
        addresses = {name: buffer.address for name, buffer in self._buffers.items()}
        execution.bind(addresses, int(self._scratch), self._scratch_bytes)
        self._executions[shape[0]] = execution
        return execution

    def _run(self, execution: ExecutionContext) -> None:
        """Copies and kernels in order on the stream, then wait for the event behind the last copy."""
        self._started.record(self._stream)
        if execution.graph is not None:
            execution.graph.launch()
        else:
            self._enqueue(execution)
        self._finished.record(self._stream)
        self._finished.synchronize()
        if execution.graph is None and self._graphs:
            self._record(execution)

    def _enqueue(self, execution: ExecutionContext) -> None:
        self._buffers[self._input].upload(math.prod(execution.shape))
        execution.execute(self._stream.handle)
        for name, shape in execution.outputs:
            self._buffers[name].download(math.prod(shape))

    def _record(self, execution: ExecutionContext) -> None:
        """After a plain run, which TensorRT needs first; a model that cannot be recorded stays plain."""
        try:
            execution.graph = Graph(self._stream.handle, lambda: self._enqueue(execution))
        except EngineError as error:
            self._graphs = False
            _log.info("model %s runs without CUDA graphs: %s", self._name, error)

    def _release(self) -> None:
        if self._stream is not None:
            with suppress(self._cuda.Error):
                self._stream.synchronize()
        for execution in self._executions.values():
            with suppress(GraphError):
                execution.close()
        self._executions.clear()
        for name in ("_engine", "_runtime"):
            self.__dict__.pop(name, None)
        for buffer in self._buffers.values():
            buffer.free()
        self._buffers.clear()
        if self._scratch is not None:
            self._scratch.free()
        for name in ("_scratch", "_started", "_finished", "_stream"):
            self.__dict__.pop(name, None)

    def _check_shape(self, batch: Batch) -> None:
        if self._primary is None:
            raise EngineError(f"model {self._name} is closed")
        sides = zip(self._smallest, batch.shape, self._largest, strict=False)
        inside = batch.ndim == len(self._largest) and all(low <= size <= high for low, size, high in sides)
        if batch.dtype != self._type or not inside:
            raise EngineError(
                f"model {self._name} expects {self._type} from {self._smallest} to {self._largest}, "
                f"got {batch.dtype} {batch.shape}"
            )

    def _current(self) -> AbstractContextManager[None]:
        if self._primary is None:
            raise EngineError(f"model {self._name} is closed")
        return self._primary.current()
