from edge.capture.backoff import Backoff


def test_delays_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.5, longest=30.0, jitter=lambda: 1.0)
    assert [backoff.next() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_chance_takes_away_at_most_half() -> None:
    assert Backoff(first=2.0, jitter=lambda: 0.0).next() == 1.0
    assert Backoff(first=2.0, jitter=lambda: 0.5).next() == 1.5


def test_success_starts_again_from_the_first_delay() -> None:
    backoff = Backoff(jitter=lambda: 1.0)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.next() == 0.5
