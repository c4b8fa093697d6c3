"""Photographs with labelled faces in them."""

import cv2
import numpy as np
import pytest
from training.synthetic import faces

from benchmarks.photographs import Answer, Person, figures, photograph, wearing


def somebody() -> Person:
    """A picture of 200 x 160 with a place for a face."""
    shade = np.linspace(60, 120, 200)[None, :, None]
    return Person(np.broadcast_to(shade, (160, 200, 3)).astype(np.uint8), (60, 40, 80))


def test_a_person_wears_the_face_as_light_as_their_own_was() -> None:
    person, face = somebody(), faces(1, seed=3)[0][0]
    worn = wearing(person, face)
    assert worn.shape == person.picture.shape
    before, after = (picture[60:100, 80:120].mean() for picture in (person.picture, worn))
    assert after == pytest.approx(before, abs=8)
    assert (worn[:30] == person.picture[:30]).all()


def test_a_face_at_the_border_of_a_persons_picture_can_be_worn() -> None:
    person = somebody()._replace(square=(-20, 100, 80))
    assert wearing(person, faces(1, seed=3)[0][0]).shape == person.picture.shape


@pytest.mark.parametrize("size", [60, 110, 300])
def test_the_face_is_where_the_box_says_and_the_generator_decides(size: int) -> None:
    face = cv2.GaussianBlur(faces(1, seed=3)[0][0], (0, 0), 2)
    picture, box = photograph(face, [somebody()], size, 0.0, np.random.default_rng(2))
    again, _ = photograph(face, [somebody()], size, 0.0, np.random.default_rng(2))
    assert (picture == again).all()
    x, y = round(box.x + size / 4), round(box.y + size / 4)
    found = cv2.resize(
        picture[y : y + size // 2, x : x + size // 2, 0], (20, 20), interpolation=cv2.INTER_AREA
    )
    middle = round(24 - 12 / 1.13), round(24 + 12 / 1.13)
    wanted = cv2.resize(face[middle[0] : middle[1], middle[0] : middle[1]], (20, 20))
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.9


def test_what_is_not_judged_is_not_right() -> None:
    labels, direct = np.array([6, 6, 3, 0]), np.array([6, 3, 3, 0])
    answers = [
        Answer(found=True, guess=3),
        Answer(found=True, guess=-1, why=("blurred",)),
        Answer(found=True, guess=3),
        Answer(found=False, guess=-1),
    ]
    found = figures(labels, direct, answers)
    assert (found["found"], found["judged"], found["right"], found["as_they_are"]) == (0.75, 0.5, 0.25, 0.75)
    assert found["right_of_judged"] == 0.5
    assert (found["neutral_called"], found["refused"]) == ({"happy": 1}, {"blurred": 1})
