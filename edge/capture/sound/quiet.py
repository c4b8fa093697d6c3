"""Keeps the chatter of ALSA, JACK and PortAudio, which write to stderr by themselves, out of the log."""

from __future__ import annotations

import ctypes
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["quiet_stderr", "silence_alsa"]

_CHATTER: Final = re.compile(
    rb"ALSA lib |Expression '|PaAlsa|Cannot connect to server|jack server is not running|JackShm|JACK |"
    rb"attempt to connect to server failed|Cannot lock down|connect\(2\) call to|\s*$"
)


def silence_alsa() -> None:
    """Turn off ALSA's messages for the whole process; without ALSA nothing happens.

    The handler is a function of the C library that ignores its arguments: one of Python's would be called
    from driver threads that outlive the interpreter, and end the process with SIGABRT.
    """
    try:
        nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(nothing)
    except (OSError, AttributeError):
        return


class _HeldStderr:
    """File descriptor 2 turned aside into memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._real: int | None = os.dup(2)
        self._held = os.memfd_create("held-stderr", os.MFD_CLOEXEC)
        os.dup2(self._held, 2)

    def release(self) -> None:
        """Put it back and pass on what was no chatter; does nothing the second time."""
        with self._lock:
            if self._real is None:
                return
            os.dup2(self._real, 2)
            text = os.pread(self._held, os.lseek(self._held, 0, os.SEEK_END), 0)
            kept = b"".join(line for line in text.splitlines(keepends=True) if not _CHATTER.match(line))
            if kept:
                os.write(self._real, kept)
            os.close(self._held)
            os.close(self._real)
            self._real = None


@contextmanager
def quiet_stderr(limit: float = 3.0) -> Iterator[None]:
    """Hold back what is written to stderr meanwhile; afterwards pass on all of it but the known chatter.

    After `limit` seconds stderr flows again, in case the driver never returns. Not to be nested.
    """
    try:
        held = _HeldStderr()
    except OSError:
        yield
        return
    timer = threading.Timer(limit, held.release)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        held.release()
