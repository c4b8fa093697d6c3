from __future__ import annotations

import io
import sys

import pytest

from edge.commands.progress import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_ends_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    show = bar("face")
    for share in (0.0, 0.5, 1.0):
        show(share)
    drawn = terminal.getvalue().split("\r")[1:]
    assert drawn == [
        f"face [{' ' * 30}]   0%",
        f"face [{'#' * 15}{' ' * 15}]  50%",
        f"face [{'#' * 30}] 100%\n",
    ]


def test_only_what_looks_different_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    show = bar("face")
    for step in range(10_001):
        show(step / 10_000)
    show(1.2)
    assert terminal.getvalue().count("\r") == 31
    assert terminal.getvalue().count("\n") == 1


def test_elsewhere_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    bar("face")(0.5)
    assert pipe.getvalue() == ""
