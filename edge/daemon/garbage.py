"""When Python looks for garbage: not while a daemon starts, and later not among what was there by then.

A search through all that was loaded stops every thread for tens of milliseconds, again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["search_everything", "starting"]


@contextmanager
def starting() -> Iterator[Callable[[], None]]:
    """Nothing is searched until what this gives is called; from then on only what is made later."""
    gc.disable()

    def started() -> None:
        search_everything()
        gc.enable()

    try:
        yield started
    finally:
        gc.unfreeze()
        gc.enable()


def search_everything() -> None:
    """Once, at the end of the start and after parts from then were replaced."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
