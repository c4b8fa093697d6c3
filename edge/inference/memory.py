"""Memory of a process with models: what the start leaves behind stays unless it is given back."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

__all__ = ["bound_arenas", "give_back", "give_back_code"]

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
_DONTNEED: Final = 4
_MAPS: Final = Path("/proc/self/maps")
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

    Code is never written to, so that the system has it in its file, and in its cache while there is room.
    """
    with suppress(OSError):
        for first, length in _code(_MAPS.read_text(encoding="utf-8", errors="replace")):
            _call("madvise", ctypes.c_void_p(first), ctypes.c_size_t(length), _DONTNEED)


def _code(maps: str) -> Iterator[tuple[int, int]]:
    """Start and length of what is mapped from files to be executed, see proc(5)."""
    for line in maps.splitlines():
        place, rights, *_, name = line.split(maxsplit=5) if line.count("/") else ("", "", "")
        if rights == "r-xp" and name.startswith("/"):
            first, last = (int(number, 16) for number in place.split("-"))
            yield first, last - first


def _call(name: str, *arguments: Any) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (OSError, AttributeError) as error:
        _log.debug("%s: %s", name, error)
