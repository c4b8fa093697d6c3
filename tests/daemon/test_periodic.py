from __future__ import annotations

from edge.daemon.periodic import Every


def test_it_is_due_at_once_and_then_after_each_interval() -> None:
    every = Every(5.0)
    asked = [moment for moment in range(100, 113) if every.due(float(moment))]
    assert asked == [100, 105, 110]


def test_a_late_question_starts_the_interval_anew_instead_of_catching_up() -> None:
    every = Every(1.0)
    assert every.due(0.0)
    assert every.due(10.0)
    assert not every.due(10.5)
    assert every.due(11.0)
