from __future__ import annotations

import logging

import pytest

from edge.daemon.log_flood import FloodGuard
from edge.daemon.logs import TextFormatter


def record(
    text: str, *args: object, level: int = logging.INFO, values: dict[str, object] | None = None
) -> logging.LogRecord:
    made = logging.LogRecord("edge.camera", level, "x.py", 1, text, args, None)
    made.fields = values or {}
    return made


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_repeated_warning_appears_once_in_a_while_and_is_counted() -> None:
    clock = Clock()
    gate = FloodGuard(every=60.0, clock=clock)
    shown = []
    for second in range(130):
        clock.now = float(second)
        line = record("no frames for %d s", second, level=logging.WARNING)
        if gate.filter(line):
            shown.append((second, TextFormatter().format(line)[12:].rpartition(": ")[2]))
    assert shown == [
        (0, "no frames for 0 s"),
        (60, "no frames for 60 s repeated=59"),
        (120, "no frames for 120 s repeated=59"),
    ]


def test_different_things_and_lower_levels_are_not_held_back() -> None:
    gate = FloodGuard(every=60.0, clock=Clock())
    assert gate.filter(record("%s lost", "cam 1", level=logging.WARNING))
    assert gate.filter(record("%s lost", "cam 2", level=logging.WARNING))
    assert gate.filter(record("lost", level=logging.WARNING, values={"camera": "a"}))
    assert gate.filter(record("lost", level=logging.WARNING, values={"camera": "b"}))
    assert gate.filter(record("%s lost", "cam 1", level=logging.ERROR))
    assert not gate.filter(record("%s lost", "cam 1", level=logging.WARNING))
    assert all(gate.filter(record("same")) for _ in range(3))


def test_remembered_warnings_stay_few() -> None:
    clock = Clock()
    gate = FloodGuard(every=1.0, clock=clock)
    for index in range(5000):
        clock.now = index * 0.01
        gate.filter(record("%s", str(index), level=logging.WARNING))
    assert len(gate._shown) <= 1000


def passed(gate: FloodGuard, clock: Clock, template: str, seconds: int, rate: int, level: int) -> list[str]:
    """The lines of a flood of texts that all differ which appear, as the log shows them."""
    shown = []
    for number in range(seconds * rate):
        clock.now += 1.0 / rate
        line = record(template.replace("#", str(number)), f"x{number}", level=level)
        if gate.filter(line):
            shown.append(TextFormatter().format(line))
    return shown


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_a_flood_of_lines_that_differ_is_limited_and_counted(level: int) -> None:
    clock = Clock()
    gate = FloodGuard(clock=clock)
    shown = passed(gate, clock, "refused %s", seconds=10, rate=1000, level=level)
    assert 60 <= len(shown) <= 71
    assert shown[-1].endswith("withheld=999")
    clock.now += 60.0
    assert len(passed(gate, clock, "other %s", seconds=1, rate=10, level=level)) == 10


def test_a_flood_in_which_even_the_templates_differ_is_limited_too() -> None:
    clock = Clock()
    gate = FloodGuard(clock=clock)
    shown = passed(gate, clock, "# %s", seconds=10, rate=1000, level=logging.WARNING)
    assert 300 <= len(shown) <= 351
    assert len(gate._templates) <= 250


def test_debug_lines_are_left_alone() -> None:
    clock = Clock()
    assert len(passed(FloodGuard(clock=clock), clock, "%s", 1, 1000, logging.DEBUG)) == 1000
