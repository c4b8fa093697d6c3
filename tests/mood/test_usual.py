"""What is expected of faces, on plain values."""

from __future__ import annotations

import numpy as np
import pytest

from edge.config.fusion import FusionConfig
from edge.mood.usual import ALIKE, UsualFaces, as_usual, doubts
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, Probabilities, Reading

NEUTRAL = LABELS.index("neutral")


def scores(**shares: float) -> Probabilities:
    p = np.full(7, (1 - sum(shares.values())) / (7 - len(shares)))
    for emotion, share in shares.items():
        p[LABELS.index(emotion)] = share
    return p


def expecting(**keys: object) -> UsualFaces:
    own = {"face_neutral": 0.3, "newcomer_neutral": 0.75, "newcomer_emotions": {"happy": 0.3}, **keys}
    return UsualFaces(FusionConfig.model_validate(own))


def looked(
    faces: UsualFaces, p: Probabilities, *, start: float = 0.0, seconds: float = 2.0, visit: int = 1
) -> str:
    """The emotion that is read after some seconds of one face, on track 4."""
    emotion = ""
    for at in np.arange(start, start + seconds, 0.2).tolist():
        reading = Reading("face", p, 0.9, at, track=4)
        seen = faces.compose(FaceObservation(at, (reading,), reading, 1), {4: visit})
        assert seen.subject is seen.readings[0]
        emotion = seen.readings[0].emotion
    return emotion


def test_neutral_is_weighed_up_by_its_odds() -> None:
    p = scores(sad=0.5, neutral=0.3)
    np.testing.assert_allclose(as_usual(p, ALIKE), p)
    weighed = as_usual(p, 0.5)
    assert weighed.sum() == pytest.approx(1.0)
    assert weighed[NEUTRAL] / weighed[LABELS.index("sad")] == pytest.approx(6 * 0.3 / 0.5)


def test_a_newcomer_who_looks_sad_may_look_so_at_rest_but_not_one_who_was_neutral() -> None:
    sad, neutral = scores(sad=0.7, neutral=0.15), scores(neutral=0.8)
    assert looked(expecting(), sad) == "neutral"
    faces = expecting()
    assert looked(faces, neutral) == "neutral"
    assert looked(faces, sad, start=2.0) == "sad"


def test_a_long_emotion_is_never_learnt_away_and_a_clear_one_is_told_of_newcomers() -> None:
    faces = expecting()
    looked(faces, scores(neutral=0.8))
    assert looked(faces, scores(angry=0.6, neutral=0.2), start=2.0, seconds=300.0) == "angry"
    assert looked(expecting(), scores(angry=0.97, neutral=0.01)) == "angry"


def test_single_emotions_are_doubted_less_and_the_rest_as_much_as_the_section_says() -> None:
    config = FusionConfig(
        face_neutral=0.3, newcomer_neutral=0.75, newcomer_emotions={"sad": 0.6, "happy": 0.1}
    )
    odds = (0.3 / 0.7) / np.array([3.0, 3.0, 3.0, 0.3 / 0.7, 1.5, 3.0, 0.3 / 0.7])
    np.testing.assert_allclose(doubts(config), odds)
    at_its_word = FusionConfig(face_neutral=ALIKE, newcomer_neutral=ALIKE, newcomer_emotions={"sad": 0.9})
    np.testing.assert_allclose(doubts(at_its_word), np.ones(7))


def test_a_smile_is_told_at_once() -> None:
    assert looked(expecting(newcomer_neutral=0.9), scores(happy=0.7, neutral=0.2)) == "happy"


def test_what_is_known_of_a_visitor_ends_with_the_visit_and_survives_new_settings() -> None:
    sad = scores(sad=0.7, neutral=0.15)
    faces = expecting()
    looked(faces, scores(neutral=0.8))
    other = expecting()
    other.carry_on(faces)
    assert looked(other, sad, start=2.0) == "sad"
    assert looked(other, sad, start=4.0, visit=2) == "neutral"
    other.keep_only([2])
    assert looked(other, sad, start=6.0) == "neutral"


def test_readings_without_a_track_are_of_nobody_known() -> None:
    reading = Reading("face", scores(sad=0.7, neutral=0.15), 0.9, 0.0)
    seen = expecting().compose(FaceObservation(0.0, (reading,), None, 1), {})
    assert (seen.readings[0].emotion, seen.subject) == ("sad", None)


def test_what_is_more_frequent_than_the_model_expects_is_told_of_weaker_signs() -> None:
    faint = scores(disgust=0.3, angry=0.45)
    expected = {"face_neutral": ALIKE, "newcomer_neutral": ALIKE, "newcomer_emotions": {}}
    assert looked(expecting(**expected), faint) == "angry"
    assert looked(expecting(**expected, face_odds={"disgust": 2.0}), faint) == "disgust"
