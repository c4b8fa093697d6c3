"""One execution context for one input shape: shapes and addresses are set once, then only executed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from edge.errors import EngineError
from edge.inference.engine import Shape

if TYPE_CHECKING:
    import tensorrt as trt

    from edge.inference.tensorrt.graphs import Graph
    from edge.inference.tensorrt.messages import Log

__all__ = ["ExecutionContext"]


class ExecutionContext:
    """An execution context whose scratch memory is the caller's, shared by contexts that never overlap.

    `outputs` are the names and shapes that belong to `shape`. Raises EngineError with TensorRT's words.
    """

    def __init__(
        self, engine: trt.ICudaEngine, name: str, outputs: list[str], shape: Shape, words: Log
    ) -> None:
        trt = importlib.import_module("tensorrt")
        self._words = words
        self._context = engine.create_execution_context(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
        if self._context is None:
            raise EngineError(words.take("no execution context"))
        if not self._context.set_input_shape(name, shape):
            raise EngineError(words.take(f"the input shape {shape} is refused"))
        if missing := self._context.infer_shapes():
            raise EngineError(f"the shapes of {', '.join(missing)} depend on more than the input")
        self.shape = shape
        self.outputs = [(output, tuple(self._context.get_tensor_shape(output))) for output in outputs]
        self.graph: Graph | None = None

    def bind(self, addresses: dict[str, int], scratch: int, scratch_bytes: int) -> None:
        """Tell the context where its tensors and its scratch memory lie."""
        self._context.set_device_memory(scratch, scratch_bytes)
        for name, address in addresses.items():
            if not self._context.set_tensor_address(name, address):
                raise EngineError(self._words.take(f"the plan has no tensor {name}"))

    def execute(self, stream_handle: int) -> None:
        """Enqueue the kernels."""
        if not self._context.execute_async_v3(stream_handle):
            raise EngineError(self._words.take("the kernels could not be enqueued"))

    def close(self) -> None:
        """Destroy the recording, then the context."""
        if self.graph is not None:
            self.graph.close()
        del self._context
