from edge.publish.mqtt.namesakes import MEMORY, Namesakes, printable

OURS = "emotion-edge-hall-1"


def namesakes() -> Namesakes:
    return Namesakes(client_id=OURS, device="hall")


def test_another_client_under_our_topics_is_named_with_the_remedy() -> None:
    names = namesakes()
    assert names.identified("emotion-edge-hall-2", 0.0)
    assert not names.identified("emotion-edge-hall-2", 30.0)
    (problem,) = names.problems(31.0)
    assert "emotion-edge-hall-2 also publishes as device 'hall'" in problem
    assert "device.id" in problem


def test_a_conflict_is_over_when_the_other_falls_silent() -> None:
    names = namesakes()
    names.identified("emotion-edge-hall-2", 0.0)
    assert names.problems(MEMORY + 1.0) == []
    assert names.identified("emotion-edge-hall-2", MEMORY + 10.0)


def test_a_session_that_was_taken_over_is_a_problem_until_it_is_healed() -> None:
    names = namesakes()
    names.session_taken_over(10.0)
    assert f"another client connects as {OURS}" in names.problems(60.0)[0]
    assert names.problems(11.0 + MEMORY) == []


def test_a_crowd_of_names_takes_no_memory() -> None:
    names = namesakes()
    for number in range(1000):
        names.identified(f"emotion-edge-hall-{number}", 0.0)
    assert len(names.others(0.0)) < 10


def test_a_strangers_name_cannot_steer_a_terminal() -> None:
    names = namesakes()
    names.identified("x\x1b[2J\x07\u202eevil", 0.0)
    (problem,) = names.problems(0.0)
    assert problem.isprintable()
    assert printable("a" * 500) == "a" * 128
