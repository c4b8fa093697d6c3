"""The fake driver's own functions: what is alive, what was called, what shall fail."""

import ctypes
from dataclasses import dataclass


@dataclass(frozen=True)
class Live:
    """What has not been given back; `depth` is that of this thread's context stack."""

    device_bytes: int
    pinned_bytes: int
    streams: int
    events: int
    graphs: int
    contexts: int
    depth: int


OUT_OF_MEMORY, LAUNCH_FAILED, CAPTURE_UNSUPPORTED, UNKNOWN = 2, 719, 900, 999


def _driver() -> ctypes.CDLL:
    driver = ctypes.CDLL("libcuda.so.1")
    driver.fakecuda_calls.restype = ctypes.c_char_p
    return driver


def live() -> Live:
    """Everything that belongs to somebody."""
    counts = (ctypes.c_long * 7)()
    _driver().fakecuda_live(counts)
    return Live(*counts)


def calls() -> list[str]:
    """Driver functions called since the last time, but for those that only ask."""
    text: bytes = _driver().fakecuda_calls()
    names = [name for name in text.decode().split("\n") if name]
    return [name for name in names if not name.startswith(("cuCtx", "cuDevice", "cuInit", "cuDriver"))]


def fail(function: str, *, after: int = 0, code: int = LAUNCH_FAILED) -> None:
    """Let `function` fail after so many calls that work; 7xx and 999 lose the device."""
    _driver().fakecuda_fail(function.encode(), after, code)


def heal() -> None:
    """A device that works again."""
    _driver().fakecuda_fail(b"", -1, 0)
