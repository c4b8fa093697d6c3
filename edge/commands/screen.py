"""Where a live command writes: pictures drawn over each other on a terminal, lines everywhere else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import Final, TextIO

from typing_extensions import Self

__all__ = ["Screen"]

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_HOME, _REST, _LINE_END = "\x1b[H", "\x1b[J", "\x1b[K"
_OTHER, _BACK = "\x1b[?1049h", "\x1b[?1049l"
_LEAST: Final = 20


class Screen:
    """A context: on a terminal it takes the other screen and gives the old one back, whatever ends it.

    `live` says whether pictures can be shown: on a terminal that is not dumb, unless `plain`.
    """

    def __init__(self, out: TextIO, *, plain: bool = False) -> None:
        self._out = out
        self.live = not plain and out.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def __enter__(self) -> Self:
        if self.live:
            self._write(_OTHER + _HIDE)
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self._write(_SHOW + _BACK)

    @property
    def width(self) -> int:
        """Characters in a line."""
        return max(_LEAST, shutil.get_terminal_size().columns)

    @property
    def unicode(self) -> bool:
        """Whether the terminal's encoding has blocks."""
        return "utf" in (self._out.encoding or "").lower()

    def picture(self, rows: Sequence[str]) -> None:
        """Draw over what was there."""
        shown = rows[: max(1, shutil.get_terminal_size().lines - 1)]
        self._write(_HOME + "".join(f"{row}{_LINE_END}\r\n" for row in shown) + _REST)

    def line(self, text: str) -> None:
        """One more line."""
        self._write(text + "\n")

    def note(self, text: str) -> None:
        """Something about the watching itself, which is no part of what is watched."""
        if self.live:
            self.picture([text[: self.width]])
        else:
            print(f"emotion-edge: {text}", file=sys.stderr, flush=True)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
