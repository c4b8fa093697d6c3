"""A progress bar on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

__all__ = ["bar", "time_left"]

_WIDTH: Final = 30


def bar(name: str, *, clock: Callable[[], float] | None = None) -> Callable[[float], None]:
    """A function of the share done (0..1) that draws on stderr when that is a terminal.

    With a clock (seconds) it also tells the time left.
    """
    if not sys.stderr.isatty():
        return lambda _: None
    shown, started = "", clock() if clock else 0.0

    def show(share: float) -> None:
        nonlocal shown
        done = round(_WIDTH * min(1.0, share))
        line = f"{name} [{'#' * done}{' ' * (_WIDTH - done)}]"
        left = f", {time_left(clock() - started, share)} left" if clock and 0 < share < 1 else ""
        if line + left == shown or "\n" in shown:
            return
        end = "\n" if done == _WIDTH else ""
        shown = line + left + end
        print(f"\r{line} {min(1.0, share):4.0%}{left:<14}".rstrip(), end=end, file=sys.stderr, flush=True)

    return show


def time_left(elapsed: float, share: float) -> str:
    """How long the rest will take if it goes on as before: "40 s", "5 min" or "3.2 h"."""
    rest = elapsed * (1 - share) / share
    if rest < 60:
        return f"{rest:.0f} s"
    return f"{rest / 60:.0f} min" if rest < 3600 else f"{rest / 3600:.1f} h"
