"""Memory of a process with models: glibc keeps what they leave behind unless it is told not to."""

from __future__ import annotations

import ctypes
import logging
from typing import Final

__all__ = ["bound_arenas", "give_back"]

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
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


def _call(name: str, *arguments: int) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (OSError, AttributeError) as error:
        _log.debug("%s: %s", name, error)
