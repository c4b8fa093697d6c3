"""Pictures of bad cameras."""

import numpy as np
import pytest
from training.synthetic import faces

from benchmarks.cameras import CONDITIONS, chosen, figures, shown
from edge.evaluation.faces import Faces


def test_as_many_of_each_emotion_are_drawn_again_with_the_seed() -> None:
    images, labels = faces(70, seed=2)
    people = Faces(images, labels.astype(np.int64), np.full(70, "valid"))
    some = chosen(people, 3, seed=1)
    assert np.bincount(some.labels).tolist() == [3] * 7
    assert np.array_equal(some.images, chosen(people, 3, seed=1).images)
    assert not np.array_equal(some.images, chosen(people, 3, seed=2).images)


def test_a_face_is_shown_in_the_middle_of_a_picture() -> None:
    face = np.tile(np.arange(48, dtype=np.uint8) * 5, (48, 1))
    picture = shown(face)
    assert picture.shape == (480, 640, 3)
    assert abs(int(picture[240, 320, 0]) - int(face[24, 24])) < 6
    assert (picture[:160] == picture[0, 0]).all()
    assert (picture[:, :240] == picture[0, 0]).all()


def test_the_cost_is_of_faces_judged_with_and_without_the_condition() -> None:
    labels, good = np.array([0, 1, 2, 3, 4]), np.array([0, 1, 2, -1, 5])
    found = figures(np.array([0, 6, -1, 3, 5]), good, labels)
    assert found == {"judged": 0.8, "accuracy": 0.5, "cost": 0.333}
    nobody = np.full(5, -1)
    assert figures(nobody, good, labels) == {"judged": 0.0, "accuracy": 0.0, "cost": 0.0}


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_leaves_a_picture_and_the_generator_decides(name: str) -> None:
    picture = shown(faces(1, seed=3)[0][0])
    before = picture.copy()
    spoilt = [CONDITIONS[name](picture, np.random.default_rng(5)) for _ in range(2)]
    assert spoilt[0].shape == picture.shape
    assert spoilt[0].dtype == np.uint8
    assert np.array_equal(spoilt[0], spoilt[1])
    assert np.array_equal(picture, before)
    assert np.array_equal(spoilt[0], picture) == (name == "as it is")
