"""Problems of single items."""

from __future__ import annotations

from edge.daemon.steady import Steady


def told(items: list[tuple[float, str | None]]) -> list[str | None]:
    one, found = Steady(after=3.0, over=3.0), []
    for at, problem in items:
        one.see(problem, at)
        found.append(one.problem)
    return found


def test_nothing_but_bad_items_for_a_while_is_a_problem() -> None:
    assert told([(0.0, "odd"), (2.9, "odd"), (3.0, "odd")]) == [None, None, "odd"]


def test_bad_items_between_good_ones_are_none() -> None:
    assert set(told([(0.1 * n, "odd" if n % 2 else None) for n in range(200)])) == {None}


def test_it_goes_after_a_while_of_good_items_only() -> None:
    bad = [(0.0, "odd"), (4.0, "odd")]
    mixed = told([*bad, (5.0, None), (6.0, "odd"), (7.0, None), (9.9, None), (10.0, None)])
    assert mixed == [None, "odd", "odd", "odd", "odd", "odd", None]


def test_a_problem_told_at_once_goes_as_any_other() -> None:
    one = Steady(after=3.0, over=3.0)
    one.see(None, 0.0)
    one.tell("the engine broke")
    one.see(None, 10.0)
    assert one.problem == "the engine broke"
    one.see(None, 13.0)
    assert one.problem is None
