import pytest

from edge.perception.ramp import ramp


@pytest.mark.parametrize(("value", "expected"), [(0, 0.4), (10, 0.4), (15, 0.7), (20, 1.0), (99, 1.0)])
def test_it_rises_from_the_floor_to_one(value: float, expected: float) -> None:
    assert ramp(value, 10, 20, 0.4) == pytest.approx(expected)
    assert ramp(-value, -10, -20, 0.4) == pytest.approx(expected)


def test_without_a_distance_everything_is_good() -> None:
    assert ramp(0, 5, 5, 0.4) == 1.0
