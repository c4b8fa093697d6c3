"""Memory of one tensor on both sides, allocated once at its largest and never moved."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Buffer"]


class Buffer:
    """Pinned host memory and device memory for up to `shape` elements; `stream` orders the copies.

    Made and freed while the CUDA context is current.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], stream: Any) -> None:
        import pycuda.driver as cuda

        self._cuda = cuda
        self._stream = stream
        self._host: NDArray[Any] = cuda.pagelocked_empty(max(1, math.prod(shape)), dtype)
        try:
            self._device = cuda.mem_alloc(self._host.nbytes)
        except BaseException:
            self._free_host()
            raise

    @property
    def address(self) -> int:
        """Where the tensor lies on the device."""
        return int(self._device)

    @property
    def nbytes(self) -> int:
        """Bytes on each side."""
        return int(self._host.nbytes)

    def put(self, values: NDArray[Any]) -> None:
        """Copy into the pinned memory; the device has it only after `upload`."""
        np.copyto(self._host[: values.size], values.reshape(-1), casting="same_kind")

    def upload(self, elements: int) -> None:
        """Enqueue the copy to the device."""
        self._cuda.memcpy_htod_async(self._device, self._host[:elements], self._stream)

    def download(self, elements: int) -> None:
        """Enqueue the copy from the device."""
        self._cuda.memcpy_dtoh_async(self._host[:elements], self._device, self._stream)

    def take(self, shape: tuple[int, ...]) -> NDArray[Any]:
        """The values that the last finished download brought, as an array of the caller's own."""
        values: NDArray[Any] = self._host[: math.prod(shape)].reshape(shape).copy()
        return values

    def free(self) -> None:
        """Give both sides back."""
        self._device.free()
        self._free_host()

    def _free_host(self) -> None:
        base: Any = self._host.base
        base.free()
