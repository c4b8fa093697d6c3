from __future__ import annotations

from edge.daemon.wall_clock import WallClock


def steps(*readings: tuple[float, float]) -> list[float]:
    clock = WallClock()
    return [clock.set_by(wall, boot) for wall, boot in readings]


def test_a_clock_that_runs_is_not_set() -> None:
    assert steps((1000.0, 0.0), (1001.0, 1.0), (4601.0, 3601.0)) == [0, 0, 0]


def test_forwards_and_backwards_are_told_once() -> None:
    assert steps((0.0, 5.0), (1e9 + 1, 6.0), (1e9 + 2, 7.0), (1e9 - 96, 9.0)) == [0, 1e9, 0, -100]


def test_a_clock_that_is_led_to_the_right_time_bit_by_bit_was_not_set() -> None:
    assert not any(steps(*((second * 1.0005, float(second)) for second in range(20_000))))
