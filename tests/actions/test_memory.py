from __future__ import annotations

from edge.actions.memory import Memory

DIM = {"state": "ON", "brightness": 40}
RED = {"state": "ON", "brightness": 200, "color": {"x": 0.7, "y": 0.3}}
BLUE = {"state": "ON", "brightness": 90, "color": {"x": 0.15, "y": 0.06}}
ANGRY, SAD = ("angry", 1), ("sad", 2)


def test_what_was_before_comes_back() -> None:
    memory = Memory()
    assert memory.take("lamp", ANGRY, DIM)
    memory.leave("lamp", ANGRY, RED)
    assert memory.give_back("lamp", ANGRY, RED) == DIM
    assert memory.give_back("lamp", ANGRY, RED) is None


def test_what_a_person_changed_meanwhile_is_left_alone() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    memory.leave("lamp", ANGRY, RED)
    assert memory.give_back("lamp", ANGRY, {**RED, "brightness": 120}) is None
    assert not memory.owned("lamp", ANGRY)


def test_a_mood_that_ends_before_the_lamp_has_settled_is_taken_back() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    assert memory.give_back("lamp", ANGRY, {**RED, "brightness": 120}) == DIM


def test_after_one_mood_upon_another_the_state_before_the_first_returns() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    memory.leave("lamp", ANGRY, RED)
    assert not memory.take("lamp", SAD, RED)
    memory.leave("lamp", SAD, BLUE)
    assert memory.give_back("lamp", ANGRY, BLUE) is None
    assert memory.give_back("lamp", SAD, BLUE) == DIM


def test_what_a_person_chose_between_two_moods_returns_after_the_second() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    memory.leave("lamp", ANGRY, RED)
    evening = {"state": "ON", "brightness": 120}
    assert memory.take("lamp", SAD, evening)
    memory.leave("lamp", SAD, BLUE)
    assert memory.give_back("lamp", SAD, BLUE) == evening


def test_a_lamp_that_has_not_changed_yet_is_looked_at_again() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    assert not memory.leave("lamp", ANGRY, DIM, final=False)
    assert memory.give_back("lamp", ANGRY, RED) == DIM
    memory.take("lamp", SAD, DIM)
    assert memory.leave("lamp", SAD, BLUE, final=False)
    assert memory.give_back("lamp", SAD, RED) is None


def test_a_second_attempt_of_the_same_firing_keeps_the_first_state() -> None:
    memory = Memory()
    memory.take("lamp", ANGRY, DIM)
    memory.take("lamp", ANGRY, RED)
    assert memory.give_back("lamp", ANGRY, RED) == DIM
