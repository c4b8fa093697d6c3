from __future__ import annotations

import io
import sys

import pytest

from edge.commands.progress import bar, time_left


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


def test_the_time_left_is_told_with_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    times = iter([0.0, 30.0, 120.0])
    show = bar("calls", clock=lambda: next(times))
    show(0.25)
    show(0.5)
    show(1.0)
    lines = terminal.getvalue().split("\r")[1:]
    assert lines[0].endswith("25%, 2 min left")
    assert lines[1].endswith("50%, 2 min left")
    assert lines[2].endswith("100%\n")


def test_the_rest_is_told_in_the_unit_that_fits() -> None:
    assert [time_left(60, 0.75), time_left(60, 0.2), time_left(3600, 0.25)] == ["20 s", "4 min", "3.0 h"]
