import numpy as np
import pytest

from edge.mood.affect import COORDINATES, affect, entropy
from edge.vocabulary import LABELS


def certain(label: str) -> np.ndarray:
    return np.array([1.0 if one == label else 0.0 for one in LABELS])


@pytest.mark.parametrize("label", LABELS)
def test_a_certain_emotion_lies_at_its_published_point(label: str) -> None:
    point = affect(certain(label))
    assert (point.valence, point.arousal) == pytest.approx(COORDINATES[label])


def test_doubt_between_two_emotions_lies_between_them() -> None:
    point = affect(0.5 * certain("happy") + 0.5 * certain("sad"))
    assert (point.valence, point.arousal) == pytest.approx((0.09, 0.12))


def test_pleasant_and_unpleasant_calm_and_excited_are_told_apart() -> None:
    happy, sad, angry = (affect(certain(label)) for label in ("happy", "sad", "angry"))
    assert happy.valence > 0 > sad.valence
    assert angry.arousal > 0 > sad.arousal


def test_no_distribution_leaves_the_square() -> None:
    shares = np.random.default_rng(1).dirichlet(np.full(7, 0.3), size=200)
    points = [affect(one) for one in shares]
    assert all(-1 <= axis <= 1 for point in points for axis in (point.valence, point.arousal))


def test_entropy_is_nothing_when_certain_and_most_when_all_are_alike() -> None:
    assert entropy(certain("fear")) == 0
    assert entropy(np.full(7, 1 / 7)) == pytest.approx(np.log2(7))
    assert 0 < entropy(0.9 * certain("fear") + 0.1 * certain("sad")) < 1
