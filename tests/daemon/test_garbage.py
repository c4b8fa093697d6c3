import gc

from edge.daemon.garbage import search_everything, starting


def test_a_start_is_not_searched_and_what_it_made_is_left_alone_afterwards() -> None:
    with starting() as started:
        assert not gc.isenabled()
        started()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 1000
    assert gc.get_freeze_count() == 0


def test_a_start_that_fails_leaves_python_as_it_was() -> None:
    try:
        with starting():
            raise ValueError
    except ValueError:
        assert gc.isenabled()


class Ring:
    alive = 0

    def __init__(self) -> None:
        self.itself = self
        Ring.alive += 1

    def __del__(self) -> None:
        Ring.alive -= 1


def test_what_was_left_alone_is_found_when_everything_is_searched() -> None:
    with starting() as started:
        ring = Ring()
        started()
        del ring
        gc.collect()
        assert Ring.alive == 1
        search_everything()
        assert Ring.alive == 0
