"""Faces that look down; the shipped model on faces that face us, and the memory on plain values."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.config.models import EnginesConfig
from edge.perception.head import Bowed, HeadModel, may_come_of_pose
from edge.vocabulary import LABELS

CROP = np.zeros((48, 48), np.uint8)


class Told:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.value = 0.0
        self.asked = 0

    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += 1
        return np.full(len(crops), self.value, np.float32)


def test_who_looked_down_looks_up_again_only_when_that_is_sure() -> None:
    told = Told()
    bowed = Bowed(told, 0.5)
    down = []
    for second, value in enumerate((0.4, 0.6, 0.4, 0.3, 0.2, 0.4)):
        told.value = value
        down.append(set(bowed.look({7: CROP}, float(second))))
    assert down == [set(), {7}, {7}, {7}, set(), set()]


def test_faces_that_are_gone_are_forgotten_and_others_are_not_answered_for() -> None:
    told = Told()
    bowed = Bowed(told, 0.5)
    told.value = 0.9
    assert set(bowed.look({1: CROP, 2: CROP}, 0.0)) == {1, 2}
    assert set(bowed.look({}, 1.0)) == set()
    bowed.keep_only({2})
    told.value = 0.4
    assert set(bowed.look({1: CROP, 2: CROP}, 2.0)) == {2}


def test_an_answer_holds_for_some_pictures_of_a_face_that_is_still_there() -> None:
    told = Told()
    bowed = Bowed(told, 0.5)
    pictures = [bowed.look({1: CROP}, number / 15) for number in range(15)]
    assert pictures == [frozenset()] * 15
    assert told.asked == 5
    told.value = 0.9
    assert set(bowed.look({1: CROP, 2: CROP}, 14.1 / 15)) == {2}
    bowed.keep_only(())
    assert set(bowed.look({1: CROP}, 14.2 / 15)) == {1}


@pytest.mark.parametrize("count", [1, 8, 11])
def test_the_model_answers_for_any_number_of_crops(count: int) -> None:
    crops = np.random.default_rng(3).integers(0, 255, (count, 48, 48), dtype=np.uint8)
    with HeadModel.open(EnginesConfig()) as model:
        together = model.probabilities(crops)
        alone = [float(model.probabilities(crop[np.newaxis])[0]) for crop in crops]
    assert together.shape == (count,)
    assert ((together >= 0) & (together <= 1)).all()
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("emotion", "share", "explained"),
    [
        ("sad", 0.95, True),
        ("sad", 0.4, True),
        ("angry", 0.5, True),
        ("angry", 0.8, False),
        ("happy", 0.4, False),
        ("neutral", 0.4, False),
    ],
)
def test_a_bowed_head_explains_sadness_and_weak_anger_but_no_smile(
    emotion: str, share: float, explained: bool
) -> None:
    scores = np.full(7, (1 - share) / 6)
    scores[LABELS.index(emotion)] = share
    assert may_come_of_pose(scores) is explained
