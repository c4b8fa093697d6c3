import pytest

from edge.capture.video.pacer import Pacer, every


def kept(rate: float, wanted: float | None, seconds: float = 10.0) -> int:
    pacer = Pacer(wanted)
    return sum(pacer.due(index / rate) for index in range(round(rate * seconds)))


@pytest.mark.parametrize(
    ("rate", "wanted", "expected"), [(30, 15, 150), (15, 15, 150), (25, 15, 150), (10, 15, 100)]
)
def test_at_most_the_wanted_rate_is_kept(rate: float, wanted: float, expected: int) -> None:
    assert kept(rate, wanted) == pytest.approx(expected, rel=0.02)


def test_without_a_limit_everything_is_kept() -> None:
    assert kept(60, None) == 600


def test_jittering_arrival_does_not_halve_the_rate() -> None:
    pacer = Pacer(15)
    moments = [index / 15 + (0.006 if index % 2 else -0.006) for index in range(150)]
    assert sum(map(pacer.due, moments)) >= 145


def test_a_clock_that_jumps_does_not_block() -> None:
    pacer = Pacer(15)
    assert pacer.due(1000.0)
    assert pacer.due(0.0)


@pytest.mark.parametrize(
    ("film", "step"), [(24, 2), (25, 2), (29.97, 2), (30, 2), (50, 4), (60, 4), (10, None), (15, None)]
)
def test_of_a_fast_film_every_so_many_pictures_are_evenly_spaced(film: float, step: int | None) -> None:
    assert every(film, 15) == step


def test_where_evenly_spaced_pictures_would_be_far_fewer_none_are_chosen_so() -> None:
    assert every(16, 15) is None
    assert every(20, 15) is None
    assert every(None, 15) is None
    assert every(25, None) is None
