"""The CUDA context that TensorRT, pycuda and cuda-bindings share, current only while somebody works in it."""

from __future__ import annotations

import ctypes
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from edge.errors import EngineError
from edge.inference.tensorrt.cuda import LIBRARY

__all__ = ["DEVICE", "PrimaryContext", "explained", "forget_locals"]

DEVICE: Final = 0
_log = logging.getLogger(__name__)


@contextmanager
def explained(model: str) -> Iterator[None]:
    """Turn what pycuda and TensorRT's bindings raise into an EngineError that names the model."""
    import pycuda.driver as cuda

    try:
        yield
    except (cuda.Error, RuntimeError, EngineError) as error:
        raise EngineError(f"model {model} on the GPU: {error}") from error


def forget_locals(error: BaseException) -> None:
    """Drop what the frames of an error hold: a stream must not outlive its context because of a traceback."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__


class PrimaryContext:
    """The primary context of the first device, retained until `release`.

    pycuda keeps a stack of its own beside the driver's, needs it only to allocate and free, and aborts
    the process when a thread ends with something on it; after the device is lost its pop() raises and
    leaves it there. So calls push and pop at the driver, and `release` ends with a detach() while the
    context is on top, which clears pycuda's stack without asking the driver (pycuda 2026.1, cuda.hpp).
    """

    def __init__(self) -> None:
        import pycuda.driver as cuda

        cuda.init()
        self._error: type[Exception] = cuda.Error
        self._driver = ctypes.CDLL(LIBRARY)
        self._handle = ctypes.c_void_p()
        self._pushed = False
        code = self._driver.cuDevicePrimaryCtxRetain(ctypes.byref(self._handle), DEVICE)
        if code:
            raise EngineError(f"the GPU gives out no context: CUDA error {code}")
        try:
            self._context: Any = cuda.Device(DEVICE).retain_primary_context()
        except BaseException:
            self._driver.cuDevicePrimaryCtxRelease_v2(DEVICE)
            raise

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make the context this thread's while the body runs; pycuda must not allocate in it."""
        code = self._driver.cuCtxPushCurrent_v2(self._handle)
        if code:
            raise EngineError(f"the GPU's context cannot be used: CUDA error {code}")
        try:
            yield
        finally:
            self._pop()

    @contextmanager
    def allocating(self) -> Iterator[None]:
        """Like `current`, for bodies in which pycuda allocates."""
        self._context.push()
        self._pushed = True
        try:
            yield
        except BaseException:
            with suppress(self._error):
                self._leave()
            raise
        self._leave()

    def release(self, free: Callable[[], None]) -> None:
        """Call `free` with the context current, then let it go. Raises nothing, also on a lost device."""
        try:
            if not self._pushed:
                self._context.push()
            free()
        except Exception as error:
            _log.warning("releasing the GPU: %s", error)
        finally:
            self._context.detach()
            self._pop()
            self._driver.cuDevicePrimaryCtxRelease_v2(DEVICE)

    def _leave(self) -> None:
        self._context.pop()
        self._pushed = False

    def _pop(self) -> None:
        self._driver.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p()))
