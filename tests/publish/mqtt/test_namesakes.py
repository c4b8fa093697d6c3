from edge.publish.mqtt.namesakes import Namesakes


def namesakes() -> Namesakes:
    return Namesakes(client="emotion-edge-hall-1", device="hall")


def test_our_own_voice_is_no_conflict() -> None:
    names = namesakes()
    assert not names.identified("emotion-edge-hall-1", 0.0)
    assert names.problems(0.0) == []


def test_another_client_under_our_topics_is_named_with_the_remedy() -> None:
    names = namesakes()
    assert names.identified("emotion-edge-hall-2", 0.0)
    assert not names.identified("emotion-edge-hall-2", 30.0)
    (problem,) = names.problems(31.0)
    assert "emotion-edge-hall-2" in problem
    assert "device.id" in problem


def test_a_conflict_is_over_when_the_other_falls_silent() -> None:
    names = namesakes()
    names.identified("emotion-edge-hall-2", 0.0)
    assert names.problems(91.0) == []
    assert names.identified("emotion-edge-hall-2", 100.0)


def test_being_thrown_out_is_remembered_for_a_while() -> None:
    names = namesakes()
    names.session_taken_over(10.0)
    assert "another client seems to connect as emotion-edge-hall-1" in names.problems(300.0)[0]
    assert names.problems(611.0) == []
