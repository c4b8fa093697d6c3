"""What is told of faces that look down; on plain values."""

from __future__ import annotations

import numpy as np
import pytest

from edge.perception.observation import FaceSighting
from edge.perception.sight import LOOKS_DOWN, Looked, told
from edge.vocabulary import LABELS, Probabilities

BOX = (0.4, 0.4, 0.2, 0.2)


def scores(emotion: str) -> Probabilities:
    p = np.full(7, 0.02)
    p[LABELS.index(emotion)] = 0.88
    return p


def looked(*bowed: int) -> Looked:
    seen = tuple(FaceSighting(track, BOX, 0.9, 0.8, (), True) for track in (1, 2))
    return Looked(2.0, 2, seen, (0, 1), 1, (), frozenset(bowed))


def test_somebody_who_looks_down_is_not_told_to_be_sad_and_the_reason_is() -> None:
    found = told(looked(1), lambda _: scores("sad"))
    assert [reading.track for reading in found.readings] == [2]
    assert found.subject is None
    assert found.faces == 2
    assert [one.reasons for one in found.detected] == [(LOOKS_DOWN,), ()]


@pytest.mark.parametrize("emotion", ["happy", "neutral", "angry"])
def test_what_the_pose_does_not_explain_is_told(emotion: str) -> None:
    found = told(looked(1), lambda _: scores(emotion))
    assert [reading.track for reading in found.readings] == [1, 2]
    assert found.subject is found.readings[0]


def test_a_face_that_does_not_count_needs_no_scores() -> None:
    alone = Looked(2.0, 2, looked(1).seen, (1,), 1, (), frozenset({1}))
    known = {2: scores("sad")}
    assert [reading.track for reading in told(alone, known.__getitem__).readings] == [2]
