"""Streams of faces, and the moods that follow them."""

import numpy as np
import pytest
from training.synthetic import faces

from benchmarks.streams.building import (
    NEUTRAL,
    NOBODY,
    Held,
    arriving,
    chosen,
    expressive,
    frames,
    neutral_room,
)
from benchmarks.streams.reading import judged, read
from benchmarks.streams.scoring import false_moods, moods, reached
from edge.config import Config
from edge.config.models import EnginesConfig
from edge.evaluation.faces import Faces
from edge.inference.registry import find_model
from edge.mood.pooling import FusionParameters
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS

FPS = 5.0


@pytest.fixture
def people() -> Faces:
    images, labels = faces(70, seed=2)
    return Faces(images, labels.astype(np.int64), np.full(70, "valid"))


def certain(plan: list[Held]) -> list[FaceObservation]:
    seen: list[FaceObservation] = []
    for held in plan:
        scores = np.full(7, 0.01)
        scores[held.label] = 0.94
        for _ in range(int(held.seconds * FPS)):
            at = len(seen) / FPS
            nobody = held.row == NOBODY
            seen.append(FaceObservation(at) if nobody else judged(at, held.visit, scores))
    return seen


def test_every_emotion_is_shown_between_neutral_faces(people: Faces) -> None:
    plan = expressive(people, trials=3, seed=0)
    assert [held.label for held in plan[::2]] == [NEUTRAL] * 18
    assert sorted(held.label for held in plan[1::2]) == sorted([*range(6)] * 3)
    assert all(people.labels[held.row] == held.label for held in plan)
    assert [held.visit for held in plan] == [visit for visit in range(1, 19) for _ in range(2)]
    assert {held.label for held in neutral_room(people, 2.0, seed=0)} <= {NEUTRAL, NOBODY}
    assert [held.label for held in arriving(people, 1, seed=0)[::2]] == [NOBODY] * 6
    assert sum(held.seconds for held in neutral_room(people, 2.0, seed=0)) >= 120


def test_one_face_fades_into_the_next_and_moves_a_little() -> None:
    grey = np.stack([np.full((48, 48), level, np.uint8) for level in (40, 200)])
    people = Faces(grey, np.array([0, 1]), np.full(2, "valid"))
    plan = [Held(0, 0, 2.0), Held(1, 1, 2.0)]
    shown = list(frames(people, plan, 10.0, seed=3))
    assert [one.at for one in shown] == pytest.approx([k / 10 for k in range(40)])
    crops = [one.crop for one in shown if one.crop is not None]
    distance = [np.abs(crop.astype(float) - people.images[1]).mean() for crop in crops]
    assert distance[25] < distance[21] < distance[20] < distance[19]
    assert len({crop.tobytes() for crop in crops[24:]}) > 4
    again = list(frames(people, plan, 10.0, seed=3))
    assert again[30].crop is not None
    np.testing.assert_array_equal(crops[30], again[30].crop)
    apart = list(frames(people, [Held(0, 0, 2.0, 1), Held(NOBODY, NOBODY, 1.0), Held(1, 1, 2.0, 2)], 10.0, 3))
    assert [one.crop is None for one in apart] == [False] * 20 + [True] * 10 + [False] * 20


def test_halves_share_no_picture_and_taggers_may_be_asked(people: Faces) -> None:
    votes = np.zeros((70, 10), dtype=np.uint8)
    votes[np.arange(70), [1, 0] * 35] = 9
    told = Faces(people.images, people.labels, people.splits, {}, {"ferplus_votes": votes})
    halves = [chosen(told, part, agreed=False) for part in ("fit", "report")]
    assert [len(half.labels) for half in halves] == [35, 35]
    np.testing.assert_array_equal(halves[1].images, people.images[1::2])
    said = np.where(np.arange(70) % 2 == 0, LABELS.index("happy"), NEUTRAL)
    shared = chosen(told, "all", agreed=True)
    np.testing.assert_array_equal(shared.labels, people.labels[said == people.labels])
    assert 0 < len(shared.labels) < 70


class Bows:
    def probabilities(self, crops: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> np.ndarray:
        return np.ones(len(crops), np.float32)


class Says:
    def __init__(self, emotion: str) -> None:
        self.card = find_model("face", config=EnginesConfig()).card
        self.row = np.full(7, 0.01)
        self.row[LABELS.index(emotion)] = 0.94

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        return np.tile(self.row, (len(batch), 1))


@pytest.mark.parametrize(("emotion", "judged_too"), [("sad", False), ("happy", True)])
def test_heads_that_are_bowed_are_excused_as_on_the_device(
    people: Faces, emotion: str, judged_too: bool
) -> None:
    shown = list(frames(people, [Held(0, 0, 1.0)], 5.0, seed=0))
    seen = read(shown, Says(emotion), Bows(), limit=0.5).observations()
    assert {bool(one.readings) for one in seen} == {judged_too}
    assert {one.faces for one in seen} == {1}


def test_sure_readings_reach_every_mood_in_time_and_never_a_false_one(people: Faces) -> None:
    parameters = FusionParameters(prior=np.full(7, 1 / 7))
    plan = expressive(people, trials=2, seed=1)
    found = reached(plan, moods(certain(plan), Config(), parameters), FPS)
    assert found["all"]["shown"] == 12
    assert found["all"]["reached"] == 1.0
    still = neutral_room(people, 3.0, seed=1)
    assert false_moods(moods(certain(still), Config(), parameters), 3.0)["an_hour"] == 0


def test_waits_and_false_moods_are_counted_from_the_changes() -> None:
    plan = [Held(0, NEUTRAL, 4.0), Held(1, 3, 6.0), Held(0, NEUTRAL, 4.0), Held(2, 4, 6.0)]
    changes = [(1.0, "neutral"), (6.0, "happy"), (12.0, "neutral")]
    found = reached(plan, changes, FPS)
    assert found["happy"] == {"shown": 1, "reached": 1.0, "within_3_s": 1.0, "median_s": 2.0}
    assert found["sad"] == {"shown": 1, "reached": 0.0, "within_3_s": 0.0, "median_s": None}
    assert set(found) == {"happy", "sad", "all"}
    wrong = [(1.0, "neutral"), (50.0, "sad"), (70.0, "none"), (90.0, LABELS[0]), (99.0, "sad")]
    assert false_moods(wrong, 6.0) == {"minutes": 6.0, "an_hour": 30.0, "which": {"angry": 1, "sad": 2}}


def test_who_comes_after_a_neutral_visitor_is_a_newcomer() -> None:
    sad = np.array([0.02, 0.02, 0.02, 0.02, 0.8, 0.02, 0.1])
    neutral = np.array([0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.88])
    parameters = FusionParameters(prior=np.full(7, 1 / 7))

    def told(visits: list[int]) -> list[str]:
        seen = [judged(k / FPS, visits[k // 25], neutral if k < 25 else sad) for k in range(50)]
        return [mood for _, mood in moods(seen, Config(), parameters)]

    assert told([1, 1]) == ["neutral", "sad"]
    assert told([1, 2]) == ["neutral"]
