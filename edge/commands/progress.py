"""A progress bar on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

__all__ = ["bar"]

_WIDTH: Final = 30


def bar(name: str) -> Callable[[float], None]:
    """A function of the share done (0..1) that draws on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        return lambda _: None
    shown = -1

    def show(share: float) -> None:
        nonlocal shown
        done = round(_WIDTH * min(1.0, share))
        if done == shown:
            return
        shown = done
        line = f"\r{name} [{'#' * done}{' ' * (_WIDTH - done)}] {min(1.0, share):4.0%}"
        print(line, end="\n" if done == _WIDTH else "", file=sys.stderr, flush=True)

    return show
