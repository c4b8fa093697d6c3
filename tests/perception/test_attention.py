import cv2
import numpy as np
import pytest

from edge.perception.attention import REST, Attention, change, glance
from edge.perception.pixels import Image
from edge.vocabulary import LABELS, Probabilities

PICTURES = 15.0


def crop(seed: int = 0) -> Image:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(48, 48)), (0, 0), 4)
    return np.asarray(np.clip(128 + 50 * noise / noise.std(), 0, 255), np.uint8)


def seen(picture: Image, seed: int) -> Image:
    """As a camera sees it: noise and a hair's breadth of movement."""
    generator = np.random.default_rng(seed)
    moved = cv2.warpAffine(picture, np.array([[1, 0, 0.3], [0, 1, -0.2]], np.float32), (48, 48), borderMode=2)
    return np.asarray(np.clip(moved + generator.normal(0, 3, moved.shape), 0, 255), np.uint8)


def with_mouth_open(picture: Image) -> Image:
    mouth: Image = picture.copy()
    mouth[33:43, 17:31] = 10
    return mouth


def sure(label: int) -> Probabilities:
    return np.where(np.arange(len(LABELS)) == label, 0.88, 0.02)


def judgements(attention: Attention, pictures: list[Image], start: float = 0.0) -> list[int]:
    """Numbers of the pictures in which the face was judged; it is always found to be the same."""
    found = []
    for number, picture in enumerate(pictures):
        at = start + number / PICTURES
        if attention.due(1, picture, 1.0, at):
            attention.judged(1, picture, 1.0, at, sure(3))
            found.append(number)
    return found


def test_a_face_that_has_just_come_is_judged_in_every_picture() -> None:
    assert judgements(Attention(), [crop()] * 15) == list(range(15))


def test_a_face_waits_in_a_picture_that_is_searched_if_it_was_judged_just_now() -> None:
    attention = Attention()
    assert attention.due(1, crop(), 1.0, 0.0, busy=True)
    attention.judged(1, crop(), 1.0, 0.0, sure(3))
    assert attention.due(1, crop(5), 1.0, 0.2)
    assert not attention.due(1, crop(5), 1.0, 0.2, busy=True)
    assert attention.due(1, crop(5), 1.0, REST, busy=True)


def test_a_face_that_does_not_change_is_judged_four_times_a_second() -> None:
    attention = Attention()
    judgements(attention, [crop()] * 16)
    found = judgements(attention, [seen(crop(), seed) for seed in range(60)], start=16 / PICTURES)
    assert len(found) == 15
    assert set(np.diff(found)) == {4}
    assert REST > 3 / PICTURES


def test_a_changed_face_is_judged_at_once() -> None:
    attention = Attention()
    judgements(attention, [crop()] * 16)
    judged = 15 / PICTURES
    assert not attention.due(1, seen(crop(), 1), 1.0, judged + 0.05)
    assert attention.due(1, with_mouth_open(crop()), 1.0, judged + 0.05)
    assert attention.due(1, crop(), 0.5, judged + 0.05)
    assert attention.due(2, crop(), 1.0, judged + 0.05)


def test_while_scores_differ_every_picture_is_judged() -> None:
    attention = Attention()
    judgements(attention, [crop()] * 20)
    at = 20 / PICTURES
    attention.judged(1, crop(), 1.0, at, sure(4))
    assert attention.due(1, crop(), 1.0, at + 0.05)
    attention.judged(1, crop(), 1.0, at + 0.05, sure(4))
    assert not attention.due(1, crop(), 1.0, at + 0.1)


def test_a_still_picture_needs_no_second_judgement() -> None:
    attention = Attention()
    attention.judged(1, crop(), 1.0, 0.0, sure(3))
    assert not attention.due(1, crop(), 1.0, 100.0, still=True)
    assert attention.due(1, crop(5), 1.0, 100.0, still=True)


def test_the_scores_hold_until_the_face_is_gone() -> None:
    attention = Attention()
    attention.judged(7, crop(), 1.0, 0.0, sure(3))
    assert attention.scores(7) is not None
    attention.keep_only({7})
    assert not attention.due(7, crop(), 1.0, 0.1, still=True)
    attention.keep_only({8})
    assert attention.due(7, crop(), 1.0, 0.1, still=True)


def test_a_clock_that_goes_back_does_not_silence_a_face() -> None:
    attention = Attention()
    judgements(attention, [crop()] * 20)
    assert attention.due(1, crop(), 1.0, 0.1)


@pytest.mark.parametrize("gain", [0.9, 1.0])
def test_light_alone_is_no_change(gain: float) -> None:
    lighter = np.asarray(np.clip(crop() * gain + 12, 0, 255), np.uint8)
    assert change(glance(crop()), glance(lighter)) < 0.3
    assert change(glance(crop()), glance(crop(5))) > 1.0
