from hypothesis import given
from hypothesis import strategies as st

from edge.publish.throttle import Throttle


def test_the_first_value_goes_at_once() -> None:
    assert Throttle[int](spacing=1.0).offer(1, now=0.0) == 1


def test_a_value_too_soon_waits_and_the_newest_supersedes_it() -> None:
    paced = Throttle[int](spacing=1.0)
    paced.offer(1, now=0.0)
    assert paced.offer(2, now=0.2) is None
    assert paced.offer(3, now=0.4) is None
    assert paced.due(0.9) is None
    assert paced.due(1.0) == 3
    assert paced.due(5.0) is None


def test_an_urgent_value_does_not_wait() -> None:
    paced = Throttle[int](spacing=1.0)
    paced.offer(1, now=0.0)
    assert paced.offer(2, now=0.1, urgent=True) == 2


def test_the_heartbeat_repeats_the_last_value() -> None:
    paced = Throttle[int](spacing=1.0, heartbeat=60.0)
    paced.offer(1, now=0.0)
    assert [paced.due(t) for t in (30.0, 59.9, 60.0, 61.0, 120.0)] == [None, None, 1, None, 1]


def test_nothing_is_due_before_there_is_a_value() -> None:
    assert Throttle[int](spacing=0.0, heartbeat=1.0).due(100.0) is None


@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.booleans()), min_size=1, max_size=60))
def test_the_last_value_always_arrives_and_ordinary_ones_keep_their_distance(
    steps: list[tuple[float, bool]],
) -> None:
    paced = Throttle[int](spacing=1.0)
    now = 0.0
    sent: list[tuple[float, int]] = []
    for value, (delay, urgent) in enumerate(steps):
        now += delay
        due = paced.offer(value, now=now, urgent=urgent)
        if due is not None:
            assert urgent or not sent or now - sent[-1][0] >= 1.0
            sent.append((now, due))
    last = paced.due(now + 1.001)
    assert (last if last is not None else sent[-1][1]) == len(steps) - 1
