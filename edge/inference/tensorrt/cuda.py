"""The CUDA driver, asked through ctypes before any library that would end the process without one."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EngineError

__all__ = ["LIBRARY", "Device", "Driver", "UnusableError", "free_memory", "query_driver", "unreadable_nodes"]

LIBRARY: Final = "libcuda.so.1"
_NODES: Final = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/nvmap", "/dev/nvhost-gpu", "/dev/nvgpu/igpu0/ctrl")
_INTEGRATED, _MAJOR, _MINOR = 18, 75, 76
_INSTALL: Final = (
    "install NVIDIA's driver (Jetson: flash JetPack; container: start it with the NVIDIA runtime)"
)
_REMEDIES: Final = {
    3: "restart the process: CUDA was shut down",
    35: "update NVIDIA's driver",
    100: "check that the GPU is seated, powered and not hidden by CUDA_VISIBLE_DEVICES",
    802: "wait for the system to finish starting, then try again",
    803: "reboot: the driver was updated while its old kernel module is still loaded",
    804: "update NVIDIA's driver: its libcuda.so.1 does not fit this GPU",
}


class UnusableError(EngineError):
    """TensorRT cannot be used here; `reason` says why and `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Device:
    """One GPU. `memory` is in bytes; an integrated GPU shares the system's memory."""

    name: str
    capability: tuple[int, int]
    memory: int
    integrated: bool

    @property
    def target(self) -> str:
        """The compute capability as compilers name it, such as `sm_87`."""
        return "sm_{}{}".format(*self.capability)


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver that answers: the CUDA version it supports and its devices."""

    version: tuple[int, int]
    devices: tuple[Device, ...]


def query_driver(library: str = LIBRARY) -> Driver:
    """Initialise the driver and list its devices. Raises UnusableError with reason and remedy."""
    cuda = _load(library)
    _initialise(cuda)
    version, count = ctypes.c_int(), ctypes.c_int()
    _call(cuda, "cuDriverGetVersion", ctypes.byref(version))
    _call(cuda, "cuDeviceGetCount", ctypes.byref(count))
    if count.value == 0:
        raise UnusableError("the CUDA driver sees no device", _REMEDIES[100])
    devices = tuple(_device(cuda, index) for index in range(count.value))
    return Driver((version.value // 1000, version.value % 1000 // 10), devices)


def free_memory(library: str = LIBRARY) -> int:
    """Bytes that the first device can still give out. Raises UnusableError.

    On an integrated GPU the kernel's estimate of available memory bounds the driver's figure, which
    counts the page cache as used.
    """
    cuda = _load(library)
    _initialise(cuda)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    with _primary_context(cuda):
        _call(cuda, "cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
    available = _available_system_memory()
    if _device(cuda, 0).integrated and available is not None:
        return min(available, total.value)
    return free.value


def _load(library: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(library)
    except OSError as error:
        raise UnusableError(f"no NVIDIA driver ({error})", _INSTALL) from error


def _initialise(cuda: ctypes.CDLL) -> None:
    code = cuda.cuInit(0)
    if code == 0:
        return
    blocked = unreadable_nodes()
    if blocked:
        reason = f"no access to {', '.join(blocked)} (cuInit failed: {_text(cuda, code)})"
        raise UnusableError(reason, "add the user to the groups video and render, then log in again")
    raise UnusableError(
        f"cuInit failed: {_text(cuda, code)}", _REMEDIES.get(code, "see NVIDIA's log: dmesg | grep -i nv")
    )


def unreadable_nodes(nodes: tuple[str, ...] = _NODES) -> list[str]:
    """Device nodes of NVIDIA's that exist but that this user may not open."""
    return [node for node in nodes if Path(node).exists() and not os.access(node, os.R_OK | os.W_OK)]


def _call(cuda: ctypes.CDLL, function: str, *arguments: object) -> None:
    code = getattr(cuda, function)(*arguments)
    if code:
        raise UnusableError(
            f"{function} failed: {_text(cuda, code)}", _REMEDIES.get(code, "restart the process")
        )


def _text(cuda: ctypes.CDLL, code: int) -> str:
    words = ctypes.c_char_p()
    cuda.cuGetErrorString(code, ctypes.byref(words))
    return f"CUDA error {code}, {words.value.decode()}" if words.value else f"CUDA error {code}"


def _device(cuda: ctypes.CDLL, index: int) -> Device:
    name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
    _call(cuda, "cuDeviceGetName", name, len(name), index)
    _call(cuda, "cuDeviceTotalMem_v2", ctypes.byref(memory), index)
    capability = (_attribute(cuda, _MAJOR, index), _attribute(cuda, _MINOR, index))
    return Device(name.value.decode(), capability, memory.value, bool(_attribute(cuda, _INTEGRATED, index)))


def _attribute(cuda: ctypes.CDLL, attribute: int, index: int) -> int:
    value = ctypes.c_int()
    _call(cuda, "cuDeviceGetAttribute", ctypes.byref(value), attribute, index)
    return value.value


@contextmanager
def _primary_context(cuda: ctypes.CDLL) -> Iterator[None]:
    context = ctypes.c_void_p()
    _call(cuda, "cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
    try:
        _call(cuda, "cuCtxPushCurrent_v2", context)
        try:
            yield
        finally:
            _call(cuda, "cuCtxPopCurrent_v2", ctypes.byref(context))
    finally:
        _call(cuda, "cuDevicePrimaryCtxRelease_v2", 0)


def _available_system_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(sizes[0]) * 1024 if sizes else None
