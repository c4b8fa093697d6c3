import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.perception.detector import Face
from edge.perception.tracker import SubjectChooser, Track, Tracker, match, overlap

PICTURE = (640, 480)


def at(x: float, y: float = 100, size: float = 100) -> Face:
    return Face(x, y, size, size, 0.9)


def test_a_new_face_counts_after_two_detections_of_three() -> None:
    tracker = Tracker()
    seen = []
    for faces in ([at(0)], [], [at(2)]):
        tracker.update(faces)
        seen.append([track.confirmed for track in tracker.tracks])
    assert seen == [[False], [False], [True]]


def test_a_single_false_alarm_never_counts_and_is_dropped() -> None:
    tracker = Tracker()
    tracker.update([at(0)])
    tracker.update([])
    tracker.update([])
    assert tracker.tracks == ()


def test_a_still_is_confirmed_at_once() -> None:
    tracker = Tracker(confirm=1)
    tracker.update([at(0)])
    assert tracker.tracks[0].confirmed


def test_a_face_keeps_its_number_and_another_gets_a_new_one() -> None:
    tracker = Tracker()
    for step in range(5):
        tracker.update([at(10 * step), at(400)] if step % 2 else [at(400), at(10 * step)])
    assert sorted(track.id for track in tracker.tracks) == [1, 2]
    tracker.update([at(45), at(400), at(220)])
    assert sorted(track.id for track in tracker.tracks) == [1, 2, 3]


def test_a_confirmed_face_outlives_two_missed_detections_but_not_three() -> None:
    tracker = Tracker()
    for _ in range(2):
        tracker.update([at(0)])
    alive = []
    for _ in range(3):
        tracker.update([])
        alive.append([track.missed for track in tracker.tracks])
    assert alive == [[1], [2], []]


def test_the_box_is_steadied() -> None:
    tracker = Tracker()
    tracker.update([at(0)])
    noise = np.random.default_rng(0).normal(0, 4, 60)
    places = []
    for shift in noise:
        tracker.update([at(float(shift))])
        places.append(tracker.tracks[0].face.x)
    assert np.std(places) < 0.75 * np.std(noise)


def test_a_jump_is_followed_at_once() -> None:
    tracker = Tracker()
    tracker.update([at(0)])
    tracker.update([at(45)])
    assert tracker.tracks[0].face.x == 45


def test_motion_carries_box_and_points_along() -> None:
    tracker = Tracker()
    tracker.update([Face(10, 20, 100, 80, 0.9, np.array([[30, 40]] * 5, np.float32))])
    tracker.move([np.array([[1.1, 0, 5], [0, 1.1, -3]])])
    face = tracker.tracks[0].face
    assert (face.w, face.h) == pytest.approx((110, 88))
    assert (face.x + face.w / 2, face.y + face.h / 2) == pytest.approx((60 * 1.1 + 5, 60 * 1.1 - 3))
    assert face.points is not None
    np.testing.assert_allclose(face.points[0], [38, 41], rtol=1e-6)


def test_a_face_that_cannot_be_followed_asks_for_a_detection() -> None:
    tracker = Tracker()
    for _ in range(2):
        tracker.update([at(0)])
    assert not tracker.unsettled
    tracker.move([None])
    assert tracker.unsettled


boxes = st.builds(
    Face, st.floats(-100, 600), st.floats(-100, 400), st.floats(1, 300), st.floats(1, 300), st.just(0.9)
)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(a: Face, b: Face) -> None:
    assert 0.0 <= overlap(a, b) <= 1.0 + 1e-9
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert overlap(a, a) == pytest.approx(1.0)


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_nobody_is_matched_twice(known: list[Face], found: list[Face]) -> None:
    pairs = match(known, found)
    assert len(set(pairs.values())) == len(pairs)


def tracks(*faces: Face) -> list[Track]:
    return [Track(index + 1, face, confirmed=True) for index, face in enumerate(faces)]


def test_the_subject_is_the_largest() -> None:
    assert SubjectChooser().choose(tracks(at(100), at(300, size=180)), PICTURE) == 2


def test_between_equals_the_subject_is_the_most_central() -> None:
    assert SubjectChooser().choose(tracks(at(0, y=0), at(270, y=190)), PICTURE) == 2


def test_the_subject_does_not_flip_between_two_alike() -> None:
    chooser, chosen = SubjectChooser(), set()
    for step in range(20):
        jitter = 8 if step % 2 else -8
        chosen.add(chooser.choose(tracks(at(100, size=100 + jitter), at(440, size=100 - jitter)), PICTURE))
    assert len(chosen) == 1


def test_a_clearly_nearer_face_takes_over() -> None:
    chooser = SubjectChooser()
    assert chooser.choose(tracks(at(270)), PICTURE) == 1
    assert chooser.choose(tracks(at(270), at(200, size=220)), PICTURE) == 2


def test_nobody_confirmed_is_no_subject() -> None:
    chooser = SubjectChooser()
    assert chooser.choose([Track(1, at(0))], PICTURE) is None
    assert chooser.choose([], PICTURE) is None
