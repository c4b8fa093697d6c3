"""What a soak says about the memory it saw."""

import pytest

from benchmarks.soak import growth

TEN_MINUTES = [10.0 * step for step in range(121)]


def test_a_line_after_the_first_minutes_gives_its_slope() -> None:
    found = growth([(at, 100.0 + max(at - 300.0, 0.0) / 60.0) for at in TEN_MINUTES])
    assert found["slope_mb_per_hour"] == pytest.approx(60.0)
    assert found["grown_mb"] == pytest.approx(14.0, abs=0.5)
    assert found["highest_mb"] == pytest.approx(115.0)


def test_what_a_start_takes_is_no_growth() -> None:
    found = growth([(at, min(50.0 + at, 200.0)) for at in TEN_MINUTES])
    assert (found["slope_mb_per_hour"], found["grown_mb"]) == (0.0, 0.0)


def test_a_soak_that_is_too_short_says_so() -> None:
    with pytest.raises(ValueError, match="at least 6 minutes"):
        growth([(at, 1.0) for at in TEN_MINUTES if at < 320])
