"""The CUDA context that TensorRT, pycuda and cuda-bindings share, current only while somebody works in it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from edge.errors import EngineError
from edge.inference.cuda import LIBRARY

DEVICE = 0


@contextmanager
def explained(model: str) -> Iterator[None]:
    """Turn what pycuda and TensorRT's bindings raise into an EngineError that names the model."""
    import pycuda.driver as cuda

    try:
        yield
    except (cuda.Error, RuntimeError, EngineError) as error:
        raise EngineError(f"model {model} on the GPU: {error}") from error


class PrimaryContext:
    """The primary context of the first device, retained until `release`.

    pycuda's detach() leaves the context pushed on its own thread and retained on any other, so the
    driver is asked directly for what is missing (pycuda 2026.1, cuda.hpp, context::detach).
    """

    def __init__(self) -> None:
        import pycuda.driver as cuda

        cuda.init()
        self._driver = ctypes.CDLL(LIBRARY)
        handle = ctypes.c_void_p()
        code = self._driver.cuDevicePrimaryCtxRetain(ctypes.byref(handle), DEVICE)
        if code:
            raise EngineError(f"the GPU gives out no context: CUDA error {code}")
        self._thread = threading.get_ident()
        try:
            self._context: Any = cuda.Device(DEVICE).retain_primary_context()
        except BaseException:
            self._driver.cuDevicePrimaryCtxRelease_v2(DEVICE)
            raise

    @contextmanager
    def current(self) -> Iterator[None]:
        """Push the context for this thread, whatever happens inside pop it again."""
        self._context.push()
        try:
            yield
        finally:
            self._context.pop()

    def release(self) -> None:
        """Let the context go; nothing that belongs to it may be left."""
        self._context.detach()
        if threading.get_ident() == self._thread:
            self._driver.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p()))
        else:
            self._driver.cuDevicePrimaryCtxRelease_v2(DEVICE)
        self._driver.cuDevicePrimaryCtxRelease_v2(DEVICE)
