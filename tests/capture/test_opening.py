from edge.capture.opening import Opening, Patience

PATIENCE = Patience(opening=10.0, silence=3.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_opening_that_takes_too_long_is_overdue() -> None:
    clock = Clock()
    opening = Opening(clock)
    clock.now += 9.9
    assert opening.overdue(PATIENCE) is None
    clock.now += 0.2
    assert opening.overdue(PATIENCE) == "did not open within 10 s"


def test_silence_counts_from_the_opening_and_then_from_the_last_item() -> None:
    clock = Clock()
    opening = Opening(clock)
    opening.opened("640x480")
    clock.now += 2.9
    opening.alive()
    clock.now += 2.9
    assert opening.overdue(PATIENCE) is None
    clock.now += 0.2
    assert opening.overdue(PATIENCE) == "nothing came for 3 s"


def test_what_an_earlier_session_delivered_does_not_keep_a_silent_one_alive() -> None:
    clock = Clock()
    first = Opening(clock)
    first.opened("")
    first.alive(7)
    second = Opening(clock, first)
    second.opened("")
    assert (second.delivered, second.last_at) == (7, 100.0)
    clock.now += 3.1
    assert second.overdue(PATIENCE) is not None


def test_only_lasting_delivery_counts_as_success() -> None:
    clock = Clock()
    opening = Opening(clock)
    opening.opened("")
    opening.alive()
    assert not opening.steady()
    clock.now += 5.1
    opening.alive()
    assert opening.steady()


def test_a_source_works_with_its_first_item_and_after_a_failure_when_it_goes_on_delivering() -> None:
    clock = Clock()
    opening = Opening(clock)
    opening.opened("")
    opening.alive(0)
    assert not opening.works(after_failure=False)
    opening.alive(1)
    assert opening.works(after_failure=False)
    assert not opening.works(after_failure=True)
    clock.now += 2.5
    assert not opening.works(after_failure=True)
    opening.alive(1)
    assert opening.works(after_failure=True)


def test_one_good_item_before_bad_ones_heals_no_failure() -> None:
    clock = Clock()
    opening = Opening(clock)
    opening.opened("")
    opening.alive()
    for _ in range(40):
        clock.now += 0.1
        opening.alive(0)
    assert opening.works(after_failure=False)
    assert not opening.works(after_failure=True)
    opening.alive()
    assert opening.works(after_failure=True)


def test_a_slow_source_heals_with_its_second_item() -> None:
    clock = Clock()
    opening = Opening(clock)
    opening.opened("")
    opening.alive()
    clock.now += 30.0
    opening.alive()
    assert opening.works(after_failure=True)
