"""What every inference backend offers."""

from __future__ import annotations

from types import TracebackType
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

__all__ = ["Backend", "Batch", "Engine", "Shape", "Tensor"]

Backend = Literal["onnx", "tensorrt", "cuda", "openvino", "xnnpack"]
"""Who executes a model: ONNX Runtime on the processor, TensorRT, or another provider of ONNX Runtime."""
Tensor = NDArray[np.float32]
Batch = NDArray[np.float32] | NDArray[np.uint8]
"""What a model takes; its card says which of both."""
Shape = tuple[int, ...]


@runtime_checkable
class Engine(Protocol):
    """A loaded model. Made, used and closed by one thread."""

    @property
    def name(self) -> str:
        """Name of the model, as in its card."""
        ...

    @property
    def backend(self) -> Backend:
        """Which runtime executes it."""
        ...

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        """All outputs of the model for a batch (n, …); the arrays are the caller's to keep.

        Raises EngineError when the runtime fails or a value is not finite.
        """
        ...

    def close(self) -> None:
        """Release everything; further calls do nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
