from itertools import count

from edge.mood.visits import Visits
from edge.perception.observation import FaceSighting


def face(
    track: int, x: float = 0.4, size: float = 0.2, *, y: float = 0.3, confirmed: bool = True
) -> FaceSighting:
    return FaceSighting(track, (x, y, size, size), 0.9, 0.8, (), confirmed)


def numbers(visits: Visits) -> list[int]:
    return [visit.number for visit in visits.present]


def test_everybody_confirmed_has_a_number() -> None:
    visits = Visits()
    visits.see([face(7), face(8, 0.7), face(9, 0.1, confirmed=False)], 0.0)
    assert numbers(visits) == [1, 2]


def test_a_short_occlusion_keeps_the_number() -> None:
    visits = Visits()
    visits.see([face(1)], 0.0)
    visits.see([], 1.0)
    assert visits.see([face(2, 0.42)], 3.0) == []
    assert numbers(visits) == [1]


def test_who_stays_away_has_left_and_comes_back_as_somebody_new() -> None:
    visits = Visits()
    visits.see([face(1)], 0.0)
    assert [visit.number for visit in visits.see([], 6.0)] == [1]
    visits.see([face(2)], 7.0)
    assert numbers(visits) == [2]


def test_after_leaving_by_the_border_the_next_one_in_is_somebody_new() -> None:
    visits = Visits()
    visits.see([face(1, 0.0)], 0.0)
    visits.see([], 1.0)
    visits.see([face(2, 0.0)], 2.0)
    assert numbers(visits) == [2]


def test_somebody_elsewhere_is_not_the_one_who_is_hidden() -> None:
    visits = Visits()
    visits.see([face(1, 0.1)], 0.0)
    visits.see([face(2, 0.7)], 0.5)
    assert numbers(visits) == [1, 2]


def test_a_face_of_another_size_is_somebody_else() -> None:
    visits = Visits()
    visits.see([face(1, 0.4, 0.3)], 0.0)
    visits.see([face(2, 0.5, 0.1, y=0.4)], 1.0)
    assert numbers(visits) == [1, 2]


def test_of_two_hidden_the_nearer_comes_back() -> None:
    visits = Visits()
    visits.see([face(1, 0.3), face(2, 0.5)], 0.0)
    visits.see([], 1.0)
    visits.see([face(3, 0.48), face(4, 0.32)], 2.0)
    assert {visit.number: visit.track for visit in visits.present} == {1: 4, 2: 3}


def test_cameras_of_a_room_share_the_numbers() -> None:
    shared = count(1)
    door, window = Visits(shared), Visits(shared)
    door.see([face(1)], 0.0)
    window.see([face(1)], 0.0)
    assert (numbers(door), numbers(window)) == ([1], [2])


def test_a_closed_camera_sees_nobody() -> None:
    visits = Visits()
    visits.see([face(1)], 0.0)
    assert [visit.number for visit in visits.clear()] == [1]
    assert visits.present == ()
