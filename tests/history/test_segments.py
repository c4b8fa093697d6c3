from edge.history.segments import Look, Segment, Segments


def look(
    at: float, emotion: str = "happy", *, people: int = 1, health: str = "ok", confidence: float = 0.8
) -> Look:
    return Look(at, emotion, confidence, people, health)


def taken(*looks: Look) -> list[Segment]:
    segments = Segments("living")
    found = [segments.look(one) for one in looks] + [segments.flush()]
    return [one for one in found if one is not None]


def test_what_stays_the_same_is_one_segment() -> None:
    (only,) = taken(*(look(100.0 + second) for second in range(30)))
    assert (only.start, only.end, only.emotion, only.people) == (100.0, 129.0, "happy", 1)


def test_a_segment_lasts_until_the_look_that_ended_it() -> None:
    first, second = taken(look(100), look(101), look(102, "sad"), look(103, "sad"))
    assert (first.end, second.start, second.end) == (102, 102, 103)


def test_people_and_health_end_a_segment_too() -> None:
    found = taken(
        look(0), look(1, people=2), look(2, people=2, health="degraded"), look(3, health="degraded")
    )
    assert [(one.people, one.health) for one in found] == [(1, "ok"), (2, "ok"), (2, "degraded")]


def test_nothing_is_made_up_while_the_daemon_was_away() -> None:
    first, second = taken(look(100), look(101), look(500), look(501))
    assert (first.end, second.start) == (101, 500)


def test_a_clock_set_back_begins_anew() -> None:
    first, second = taken(look(500), look(501), look(100), look(101))
    assert (first.start, first.end, second.start, second.end) == (500, 501, 100, 101)


def test_a_long_mood_is_told_every_minute_with_its_mean_confidence() -> None:
    found = taken(*(look(second, confidence=0.5 + (second % 2) / 5) for second in range(150)))
    assert [one.end - one.start for one in found] == [60, 60, 29]
    assert found[0].confidence == 0.6
