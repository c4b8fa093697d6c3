"""Memory of a process with models: what the start leaves behind stays unless it is given back."""

from __future__ import annotations

import ctypes
import logging
import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

__all__ = ["bound_arenas", "give_back", "give_back_code"]

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
_DONTNEED: Final = 4
_MAPS: Final = Path("/proc/self/maps")
_PAGES: Final = Path("/proc/self/pagemap")
_OF_FILE, _THERE = np.uint64(1 << 61), np.uint64(3 << 62)
_log = logging.getLogger(__name__)


def bound_arenas() -> None:
    """Share two heaps among all threads, before any is started.

    Every thread would otherwise get a heap of its own, and models that are opened and closed in new threads
    again and again, as by reloads, leave each of them full of holes. Does nothing without glibc.
    """
    _call("mallopt", _M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return what was freed to the system; takes some milliseconds.

    Opening a model takes three times the memory that it needs afterwards.
    """
    _call("malloc_trim", 0)


def give_back_code() -> None:
    """Let go of the libraries' code that only the start has run; what goes on running comes back by itself.

    Code that nobody wrote to is in its file, and in the system's cache while there is room. Some drivers do
    write to theirs, which is then left alone.
    """
    with suppress(OSError), _PAGES.open("rb", buffering=0) as pages:
        for first, length in _code(_MAPS.read_text(encoding="utf-8", errors="replace")):
            if _is_as_in_file(pages, first, length):
                _call("madvise", ctypes.c_void_p(first), ctypes.c_size_t(length), _DONTNEED)


def _code(maps: str) -> Iterator[tuple[int, int]]:
    """Start and length of what is mapped from files to be executed, see proc(5)."""
    for line in maps.splitlines():
        place, rights, *_, name = line.split(maxsplit=5) if line.count("/") else ("", "", "")
        if rights == "r-xp" and name.startswith("/"):
            first, last = (int(number, 16) for number in place.split("-"))
            yield first, last - first


def _is_as_in_file(pages: IO[bytes], first: int, length: int) -> bool:
    """Whether all pages that are there, or swapped out, are the file's own, see proc_pid_pagemap(5)."""
    pages.seek(first // mmap.PAGESIZE * 8)
    wanted = length // mmap.PAGESIZE * 8
    flags = np.frombuffer(pages.read(wanted), np.uint64)
    there = (flags & _THERE) != 0
    return flags.nbytes == wanted and bool(((flags[there] & _OF_FILE) != 0).all())


def _call(name: str, *arguments: Any) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (OSError, AttributeError) as error:
        _log.debug("%s: %s", name, error)
