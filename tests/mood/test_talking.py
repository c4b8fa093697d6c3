"""Faces whose mouths move, on plain values."""

from __future__ import annotations

import numpy as np

from edge.mood.talking import Talking
from edge.perception.observation import FaceObservation, FaceSighting
from edge.vocabulary import LABELS, Reading

BOX = (0.4, 0.4, 0.2, 0.2)


def seen(at: float, emotion: str, share: float, mouth: float, track: int = 1) -> FaceObservation:
    p = np.full(7, (1 - share) / 6)
    p[LABELS.index(emotion)] = share
    reading = Reading("face", p, 0.9, at, box=BOX, track=track)
    face = FaceSighting(track, BOX, 0.9, 0.9, (), True, mouth)
    return FaceObservation(at, (reading,), reading, 1, (face,))


def emotions(talking: Talking, looks: list[FaceObservation]) -> list[str]:
    told = [talking.compose(look) for look in looks]
    assert all(one.subject is one.readings[0] for one in told)
    return [one.readings[0].emotion for one in told]


def flicker(mouth: float) -> list[FaceObservation]:
    """Surprise in every third picture, 15 pictures a second."""
    return [seen(k / 15, "surprise" if k % 3 == 2 else "neutral", 0.6, mouth) for k in range(45)]


def test_a_talking_mouth_does_not_flicker() -> None:
    assert set(emotions(Talking(), flicker(mouth=0.08))[6:]) == {"neutral"}


def test_a_mouth_that_rests_is_taken_as_it_is_read() -> None:
    looks = flicker(mouth=0.004)
    talking = Talking()
    assert [talking.compose(look) is look for look in looks] == [True] * len(looks)


def test_a_surprise_that_comes_once_is_told_in_the_picture_in_which_it_comes() -> None:
    looks = [seen(k / 15, "neutral", 0.7, 0.004) for k in range(30)]
    looks += [seen(2 + k / 15, "surprise", 0.7, 0.3 if k < 3 else 0.004) for k in range(15)]
    assert emotions(Talking(), looks)[30:] == ["surprise"] * 15


def test_somebody_who_talks_and_smiles_for_a_second_is_happy() -> None:
    looks = [seen(k / 15, "neutral", 0.7, 0.08) for k in range(30)]
    looks += [seen(2 + k / 15, "happy", 0.8, 0.08) for k in range(15)]
    told = emotions(Talking(), looks)
    assert told[-1] == "happy"
    assert told[30 + 9] == "happy"


def test_every_face_is_steadied_by_itself_and_forgotten_after_a_second() -> None:
    talking = Talking()
    emotions(talking, flicker(mouth=0.08))
    other = seen(3.0, "surprise", 0.6, 0.08, track=2)
    assert talking.compose(other) is other
    again = seen(9.0, "surprise", 0.6, 0.08)
    assert talking.compose(again) is again
