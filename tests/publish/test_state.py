from dataclasses import replace

import numpy as np

from edge.publish.payloads import Present
from edge.publish.state import StateFeed
from edge.vocabulary import Mood

HAPPY = Mood("happy", 0.81, np.full(7, 1 / 7), "fused", since=99.0, captured_at=100.0, previous="neutral")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.offset = 1_795_435_100.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self.offset


def feed(clock: Clock) -> StateFeed:
    return StateFeed(heartbeat=60.0, wall=clock.wall, monotonic=clock.monotonic)


def test_a_new_mood_is_due_at_once_and_its_repetition_differs_in_its_time_only() -> None:
    clock = Clock()
    state = feed(clock)
    first = state.offer(HAPPY, Present(1, False))
    assert first is not None
    assert first["since"] == "2026-11-23T11:59:59.000+00:00"
    clock.now += 59.0
    assert state.offer(replace(HAPPY, captured_at=clock.now), Present(1, False)) is None
    clock.now += 1.0
    again = state.due(clock.now)
    assert again is not None
    assert again == {**first, "ts": "2026-11-23T12:01:00.000+00:00"}


def test_times_follow_a_clock_that_is_set_but_not_one_that_drifts() -> None:
    clock = Clock()
    state = feed(clock)
    state.offer(HAPPY, Present(1, False))
    told = []
    for step in (0.4, 365 * 86_400.0):
        clock.now += 60.0
        clock.offset += step
        again = state.due(clock.now)
        assert again is not None
        told.append((again["since"], again["ts"]))
    assert told == [
        ("2026-11-23T11:59:59.000+00:00", "2026-11-23T12:01:00.400+00:00"),
        ("2027-11-23T11:59:59.400+00:00", "2027-11-23T12:02:00.400+00:00"),
    ]


def test_what_fluctuates_between_changes_is_not_published() -> None:
    clock = Clock()
    state = feed(clock)
    first = state.offer(HAPPY, Present(1, False))
    assert first is not None
    clock.now += 10.0
    clock.offset += 0.3
    noisy = replace(HAPPY, confidence=0.63, source="face", captured_at=clock.now)
    assert state.offer(noisy, Present(1, False)) is None
    second = state.offer(noisy, Present(2, False))
    assert second is not None
    changed = {key for key in first if first[key] != second[key]}
    assert changed == {"ts", "faces"}


def test_people_coming_and_going_wait_for_their_turn_a_mood_does_not() -> None:
    clock = Clock()
    state = feed(clock)
    state.offer(HAPPY, Present(1, False))
    clock.now += 0.2
    assert state.offer(HAPPY, Present(0, False)) is None
    clock.now += 0.2
    sad = state.offer(replace(HAPPY, emotion="sad", since=clock.now), Present(0, True))
    assert sad is not None
    assert (sad["emotion"], sad["faces"], sad["speech"]) == ("sad", 0, True)


def test_the_last_of_several_quick_changes_arrives() -> None:
    clock = Clock()
    state = feed(clock)
    state.offer(HAPPY, Present(1, False))
    for faces in (2, 3, 2):
        clock.now += 0.1
        assert state.offer(HAPPY, Present(faces, False)) is None
    clock.now += 1.0
    due = state.due(clock.now)
    assert due is not None
    assert due["faces"] == 2
