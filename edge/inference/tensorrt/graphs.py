"""CUDA graphs: a sequence of copies and kernels recorded once, then launched as one.

pycuda has no graph functions, so cuda-bindings work on pycuda's stream.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from edge.errors import EngineError

__all__ = ["Graph", "GraphError", "graphs_available"]


class GraphError(EngineError):
    """The sequence cannot be recorded or replayed."""


class Graph:
    """A recorded sequence, bound to one stream and to the addresses it was recorded with."""

    def __init__(self, stream_handle: int, enqueue: Callable[[], None]) -> None:
        from cuda.bindings import driver

        self._driver = driver
        self._stream = driver.CUstream(stream_handle)
        self._executable: Any = self._instantiate(self._capture(enqueue))

    def launch(self) -> None:
        """Enqueue the whole sequence."""
        _call(self._driver.cuGraphLaunch, self._executable, self._stream)

    def close(self) -> None:
        """Destroy the recording, while the context is current."""
        _call(self._driver.cuGraphExecDestroy, self._executable)

    def _capture(self, enqueue: Callable[[], None]) -> Any:
        mode = self._driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        _call(self._driver.cuStreamBeginCapture, self._stream, mode)
        try:
            enqueue()
        except BaseException:
            _, graph = self._driver.cuStreamEndCapture(self._stream)
            if graph is not None and int(graph):
                self._driver.cuGraphDestroy(graph)
            raise
        return _call(self._driver.cuStreamEndCapture, self._stream)

    def _instantiate(self, graph: Any) -> Any:
        try:
            return _call(self._driver.cuGraphInstantiate, graph, 0)
        finally:
            self._driver.cuGraphDestroy(graph)


def graphs_available() -> bool:
    """Whether cuda-bindings are installed."""
    return (
        importlib.util.find_spec("cuda") is not None and importlib.util.find_spec("cuda.bindings") is not None
    )


def _call(function: Callable[..., tuple[Any, ...]], *arguments: Any) -> Any:
    """The value behind what cuda.bindings return: (code,) or (code, value); GraphError for any other code."""
    try:
        code, *values = function(*arguments)
    except KeyError as error:  # a code that these bindings do not know, from a newer driver
        raise GraphError(f"{function.__name__} failed: CUDA error {error}") from error
    if int(code) != 0:
        raise GraphError(f"{function.__name__} failed: {getattr(code, 'name', code)}")
    return values[0] if values else None
