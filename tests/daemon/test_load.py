"""Overload: fewer pictures before the face lags, and all of them again. Camera and model are numbers."""

from __future__ import annotations

from edge.daemon.load import Count, Load


class Room:
    """A camera with `fps`, and a model that takes `cost` seconds for a picture, a second at a time."""

    def __init__(self, *, fps: float, cost: float) -> None:
        self.fps, self.cost, self.load = fps, cost, Load()
        self.now, self.came, self.taken, self.busy = 0.0, 0.0, 0.0, 0.0
        self.rates: list[float | None] = [None]

    def pass_time(self, seconds: int) -> Room:
        for _ in range(seconds):
            let = self.fps if self.load.rate is None else min(self.fps, self.load.rate)
            taken = min(let, 1.0 / self.cost)
            self.now += 1.0
            self.came, self.taken, self.busy = (
                self.came + self.fps,
                self.taken + taken,
                self.busy + taken * self.cost,
            )
            self.load.look(Count(self.now, int(self.came), int(self.taken), self.busy))
            if self.load.rate != self.rates[-1]:
                self.rates.append(self.load.rate)
        return self

    @property
    def share(self) -> float:
        """Of the time, at the present rate."""
        return min(self.fps, self.load.rate or self.fps) * self.cost


def test_a_model_that_keeps_up_gets_every_picture() -> None:
    room = Room(fps=15.0, cost=0.05).pass_time(600)
    assert room.rates == [None]
    assert not room.load.behind
    assert (room.load.came, room.load.taken) == (15.0, 15.0)


def test_fewer_pictures_are_let_through_while_there_is_still_time_left() -> None:
    room = Room(fps=15.0, cost=0.062).pass_time(10)
    assert 10.0 < (room.rates[-1] or 15.0) < 15.0
    assert room.share < 0.9
    assert not room.load.behind, "most pictures are judged"


def test_a_computer_that_is_too_slow_is_told_after_a_while_and_keeps_a_rate_it_can_hold() -> None:
    room = Room(fps=15.0, cost=0.25).pass_time(30)
    behind = [room.load.behind, room.pass_time(60).load.behind]
    assert behind == [False, True], "a moment is no problem"
    assert room.share < 0.9
    assert round(room.load.came) == 15
    assert 2.0 <= room.load.taken <= 4.0


def test_the_rate_settles_instead_of_rising_and_falling() -> None:
    room = Room(fps=15.0, cost=0.1).pass_time(60)
    before = len(room.rates)
    room.pass_time(3600)
    assert len(room.rates) - before <= 2 * 3600 / 240 + 8


def test_what_is_past_is_forgotten_and_every_picture_judged_again() -> None:
    room = Room(fps=15.0, cost=0.25).pass_time(120)
    room.cost = 0.02
    room.pass_time(200)
    assert (room.rates[-1], room.load.behind, room.load.taken) == (None, False, 15.0)


def test_the_more_time_is_left_the_sooner_every_picture_is_judged_again() -> None:
    room = Room(fps=15.0, cost=0.25).pass_time(20)
    room.cost = 0.01
    room.pass_time(60)
    assert room.rates[-1] is None


def test_however_slow_it_is_somebody_is_followed() -> None:
    assert Room(fps=30.0, cost=3.0).pass_time(300).load.rate == 2.0


def test_a_camera_that_gives_nothing_is_no_overload() -> None:
    room = Room(fps=0.0, cost=0.1).pass_time(300)
    assert room.rates == [None]
    assert not room.load.behind
