"""Streams of faces, and the moods that follow them."""

import numpy as np
import pytest
from training.synthetic import faces

from benchmarks.streams.building import NEUTRAL, Held, expressive, frames, neutral_room
from benchmarks.streams.scoring import false_moods, moods, reached
from edge.config import Config
from edge.evaluation.faces import Faces
from edge.mood.pooling import FusionParameters
from edge.vocabulary import LABELS

FPS = 5.0


@pytest.fixture
def people() -> Faces:
    images, labels = faces(70, seed=2)
    return Faces(images, labels.astype(np.int64), np.full(70, "valid"))


def certain(plan: list[Held]) -> tuple[list[float], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    labels = [held.label for held in plan for _ in range(int(held.seconds * FPS))]
    rows = np.full((len(labels), 7), 0.01)
    rows[np.arange(len(labels)), labels] = 0.94
    return [k / FPS for k in range(len(labels))], rows


def test_every_emotion_is_shown_between_neutral_faces(people: Faces) -> None:
    plan = expressive(people, trials=3, seed=0)
    assert [held.label for held in plan[::2]] == [NEUTRAL] * 18
    assert sorted(held.label for held in plan[1::2]) == sorted([*range(6)] * 3)
    assert all(people.labels[held.row] == held.label for held in plan)
    assert {held.label for held in neutral_room(people, 2.0, seed=0)} == {NEUTRAL}
    assert sum(held.seconds for held in neutral_room(people, 2.0, seed=0)) >= 120


def test_one_face_fades_into_the_next_and_moves_a_little(people: Faces) -> None:
    plan = [Held(0, 0, 2.0), Held(1, 1, 2.0)]
    shown = list(frames(people, plan, 10.0, seed=3))
    assert [at for at, _ in shown] == pytest.approx([k / 10 for k in range(40)])
    distance = [np.abs(crop.astype(float) - people.images[1]).mean() for _, crop in shown]
    assert distance[25] < distance[21] < distance[20] < distance[19]
    assert not np.array_equal(shown[30][1], shown[31][1])
    again = list(frames(people, plan, 10.0, seed=3))
    np.testing.assert_array_equal(shown[30][1], again[30][1])


def test_sure_readings_reach_every_mood_in_time_and_never_a_false_one(people: Faces) -> None:
    parameters = FusionParameters(prior=np.full(7, 1 / 7))
    plan = expressive(people, trials=2, seed=1)
    found = reached(plan, moods(*certain(plan), Config(), parameters), FPS)
    assert found["all"]["shown"] == 12
    assert found["all"]["reached"] == 1.0
    still = neutral_room(people, 3.0, seed=1)
    assert false_moods(moods(*certain(still), Config(), parameters), 3.0)["an_hour"] == 0


def test_waits_and_false_moods_are_counted_from_the_changes() -> None:
    plan = [Held(0, NEUTRAL, 4.0), Held(1, 3, 6.0), Held(0, NEUTRAL, 4.0), Held(2, 4, 6.0)]
    changes = [(1.0, "neutral"), (6.0, "happy"), (12.0, "neutral")]
    found = reached(plan, changes, FPS)
    assert found["happy"] == {"shown": 1, "reached": 1.0, "within_3_s": 1.0, "median_s": 2.0}
    assert found["sad"] == {"shown": 1, "reached": 0.0, "within_3_s": 0.0, "median_s": None}
    assert set(found) == {"happy", "sad", "all"}
    wrong = [(1.0, "neutral"), (50.0, "sad"), (70.0, "none"), (90.0, LABELS[0]), (99.0, "sad")]
    assert false_moods(wrong, 6.0) == {"minutes": 6.0, "an_hour": 30.0, "which": {"angry": 1, "sad": 2}}
