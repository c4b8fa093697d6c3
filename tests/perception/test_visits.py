from itertools import count

from edge.perception.visits import ABSENCE, Visits
from edge.vocabulary import Box


def face(x: float, y: float = 0.4, size: float = 0.1) -> Box:
    return x, y, size, size


def test_two_people_have_two_numbers_for_as_long_as_they_are_seen() -> None:
    visits = Visits()
    assert visits.see({7: face(0.2), 9: face(0.7)}, 0.0) == {7: 1, 9: 2}
    assert visits.see({9: face(0.3), 7: face(0.25)}, 1.0) == {9: 2, 7: 1}


def test_a_short_occlusion_keeps_the_number() -> None:
    visits = Visits()
    visits.see({1: face(0.2), 2: face(0.7)}, 0.0)
    visits.see({2: face(0.7)}, 1.0)
    assert visits.see({2: face(0.7), 3: face(0.24)}, 3.0) == {2: 2, 3: 1}


def test_two_who_come_back_at_once_are_told_apart_by_their_places() -> None:
    visits = Visits()
    visits.see({1: face(0.2), 2: face(0.3)}, 0.0)
    visits.see({}, 1.0)
    assert visits.see({5: face(0.29), 6: face(0.21)}, 2.0) == {5: 2, 6: 1}


def test_a_new_visit_is_a_new_number_by_time_place_or_size() -> None:
    for again, at in ((face(0.2), ABSENCE + 0.1), (face(0.6), 1.0), (face(0.2, size=0.2), 1.0)):
        visits = Visits()
        visits.see({1: face(0.2)}, 0.0)
        assert visits.see({2: again}, at) == {2: 2}


def test_whoever_is_seen_is_nobody_elses_number() -> None:
    visits = Visits()
    visits.see({1: face(0.2)}, 0.0)
    assert visits.see({1: face(0.2), 2: face(0.22)}, 0.5) == {1: 1, 2: 2}


def test_after_a_cut_everybody_is_new() -> None:
    visits = Visits()
    visits.see({1: face(0.2)}, 0.0)
    visits.forget()
    assert visits.see({2: face(0.2)}, 0.1) == {2: 2}


def test_after_leaving_by_the_border_the_next_one_in_is_somebody_new() -> None:
    visits = Visits()
    visits.see({1: face(0.0)}, 0.0)
    visits.see({}, 1.0)
    assert visits.see({2: face(0.0)}, 1.1) == {2: 2}


def test_cameras_of_a_room_share_the_numbers() -> None:
    shared = count(1)
    door, window = Visits(numbers=shared), Visits(numbers=shared)
    assert (door.see({1: face(0.2)}, 0.0), window.see({1: face(0.2)}, 0.0)) == ({1: 1}, {1: 2})


def test_what_has_ended_is_told_once() -> None:
    visits = Visits()
    visits.see({1: face(0.2), 2: face(0.7)}, 0.0)
    visits.see({2: face(0.7)}, 5.0)
    assert visits.ended(5.0) == []
    assert [visit.number for visit in visits.ended(ABSENCE + 0.1)] == [1]
    assert visits.ended(ABSENCE + 0.1) == []
    visits.forget()
    assert [visit.number for visit in visits.ended(ABSENCE + 0.1)] == [2]


def test_who_walks_on_behind_somebody_keeps_the_number() -> None:
    visits = Visits()
    for step in range(15):
        visits.see({1: (0.2 + 0.004 * step, 0.3, 0.08, 0.2)}, step / 15)
    hidden_until = 14 / 15 + 1.8
    found = visits.see({7: (0.2 + 0.004 * 14 + 0.06 * 1.8 + 0.02, 0.3, 0.08, 0.2)}, hidden_until)
    assert found == {7: 1}
    standing = Visits()
    for step in range(15):
        standing.see({1: (0.2, 0.3, 0.08, 0.2)}, step / 15)
    assert standing.see({7: (0.2 + 0.14, 0.3, 0.08, 0.2)}, hidden_until) == {7: 2}
