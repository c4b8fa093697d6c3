from dataclasses import replace

import numpy as np
import pytest

from edge.config.models import SmoothingConfig
from edge.mood.fusion import Fusion
from edge.mood.people import People
from edge.mood.pooling import FusionParameters
from edge.mood.together import pool
from edge.perception.observation import FaceObservation, FaceSighting, SpeechObservation
from edge.vocabulary import LABELS, Probabilities, Reading


def scores(emotion: str, share: float = 0.94) -> Probabilities:
    values = np.full(7, (1 - share) / 6)
    values[LABELS.index(emotion)] = share
    return values


def reading(
    track: int, emotion: str, at: float = 0.0, *, quality: float = 0.8, share: float = 0.94
) -> Reading:
    return Reading("face", scores(emotion, share), quality, at, 0.0, (0.4, 0.3, 0.2, 0.2), track)


def picture(at: float, *faces: tuple[int, float, str | None]) -> FaceObservation:
    """A picture of faces: track, place across, emotion (None: cannot be judged)."""
    seen = tuple(
        FaceSighting(
            track, (x, 0.3, 0.15, 0.2), 0.9, 0.8 if emotion else 0.0, () if emotion else ("turned",), True
        )
        for track, x, emotion in faces
    )
    readings = tuple(reading(track, emotion, at) for track, _, emotion in faces if emotion)
    return FaceObservation(at, readings, readings[0] if readings else None, len(faces), seen)


def watched(
    people: People, seconds: float, *faces: tuple[int, float, str | None], begin: float = 0.0
) -> list[str]:
    told = []
    for step in range(int(seconds * 10)):
        at = begin + step / 10
        told += [f"{one.kind} {one.person.number}" for one in people.see(picture(at, *faces), at)]
    return told


def test_an_angry_man_beside_a_happy_woman_are_two_people() -> None:
    people = People(SmoothingConfig())
    told = watched(people, 3, (1, 0.1, "happy"), (2, 0.7, "angry"))
    assert [(one.number, one.emotion, one.place) for one in people.present] == [
        (1, "happy", "left"),
        (2, "angry", "right"),
    ]
    assert people.moods == {"happy": 1, "angry": 1}
    assert told == ["arrived 1", "arrived 2", "changed 1", "changed 2"]


def test_a_mood_of_one_is_steadied_on_its_own() -> None:
    people = People(SmoothingConfig())
    watched(people, 3, (1, 0.1, "happy"), (2, 0.7, "neutral"))
    people.see(picture(3.1, (1, 0.1, "sad"), (2, 0.7, "neutral")), 3.1)
    assert people.moods == {"happy": 1, "neutral": 1}


def test_who_cannot_be_judged_is_there_without_a_mood() -> None:
    people = People(SmoothingConfig())
    watched(people, 1, (1, 0.4, None))
    (person,) = people.present
    assert (person.emotion, person.confidence, person.quality) == (None, 0.0, 0.0)


def test_a_mood_is_forgotten_when_the_face_has_been_turned_away_for_long() -> None:
    people = People(SmoothingConfig())
    watched(people, 3, (1, 0.4, "happy"))
    watched(people, 7, (1, 0.4, None), begin=3)
    people.tick(10.0)
    assert [one.emotion for one in people.present] == [None]


def test_an_unclear_moment_is_no_change() -> None:
    people = People(SmoothingConfig())
    watched(people, 3, (1, 0.4, "happy"))
    told = watched(people, 7, (1, 0.4, None), begin=3) + watched(people, 3, (1, 0.4, "happy"), begin=10)
    assert told == []


def test_leaving_is_told_once() -> None:
    people = People(SmoothingConfig())
    watched(people, 3, (1, 0.4, "happy"))
    told = [one for step in range(100) for one in people.tick(3 + step / 10)]
    assert [(one.kind, one.person.number, one.person.emotion) for one in told] == [("left", 1, "happy")]
    assert people.present == ()


def test_closing_a_camera_ends_its_visits_only() -> None:
    people = People(SmoothingConfig())
    people.see(picture(0.0, (1, 0.4, "happy")), 0.0, "door")
    people.see(picture(0.0, (1, 0.4, "happy")), 0.0, "window")
    assert [one.person.number for one in people.forget(0.1, "door")] == [1]
    assert [one.number for one in people.present] == [2]


@pytest.mark.parametrize("how", ["all", "subject", "strongest"])
def test_with_one_face_every_way_is_the_same(how: str) -> None:
    one = reading(1, "sad")
    assert pool([one], one, how) is one  # type: ignore[arg-type]  # the three words


def test_all_is_the_mean_weighted_by_quality() -> None:
    pooled = pool([reading(1, "happy", quality=0.9), reading(2, "sad", quality=0.3)], None, "all")
    assert pooled is not None
    assert pooled.probabilities.sum() == pytest.approx(1.0)
    happy, sad = (pooled.probabilities[LABELS.index(name)] for name in ("happy", "sad"))
    assert (happy - 0.01) / (sad - 0.01) == pytest.approx(3.0)


def test_strongest_is_the_least_neutral_that_can_be_trusted() -> None:
    faint = reading(1, "angry", quality=0.05)
    calm, glad = reading(2, "neutral"), reading(3, "happy", share=0.6)
    assert pool([faint, calm, glad], calm, "strongest") is glad


def test_nobody_is_nobody() -> None:
    assert pool([], None, "all") is None


def talked(people: People, *, mouths: tuple[float, ...], seconds: float = 4.0) -> list[str]:
    """Neutral faces from left to right with such motion of their mouths, and an angry voice all the time."""
    told = []
    for step in range(int(seconds * 15)):
        at = step / 15
        faces = [(number, 0.1 + 0.3 * number, "neutral") for number in range(len(mouths))]
        one = picture(at, *faces)
        seen = tuple(replace(face, mouth=mouths[face.track]) for face in one.detected)
        told += people.see(replace(one, detected=seen), at)
        reading = Reading("speech", scores("angry", 0.99), 0.9, at) if step % 8 == 7 else None
        told += people.hear(SpeechObservation(at, reading, True), at)
    return [f"{event.person.number} {event.person.emotion}" for event in told if event.kind == "changed"]


def hearing() -> People:
    return People(SmoothingConfig(), lambda: Fusion(parameters=FusionParameters(speech_weight=3.0)))


def test_a_voice_counts_for_the_face_whose_mouth_moves_with_it() -> None:
    people = hearing()
    told = talked(people, mouths=(-0.01, 0.08))
    assert [(one.number, one.emotion) for one in people.present] == [(1, "neutral"), (2, "angry")]
    assert told == ["1 neutral", "2 neutral", "2 angry"]


def test_a_voice_that_is_nobody_s_counts_for_nobody() -> None:
    for mouths in ((-0.01, -0.01), (0.08, 0.08)):
        people = hearing()
        talked(people, mouths=mouths)
        assert people.moods == {"neutral": 2}


def test_a_voice_is_forgotten_when_it_is_old_and_when_the_microphone_is_closed() -> None:
    for closed in (False, True):
        people = hearing()
        talked(people, mouths=(-0.01, 0.08))
        assert people.moods == {"neutral": 1, "angry": 1}
        if closed:
            people.forget_voices()
        watched(people, 3.0 if closed else 7.0, (0, 0.1, "neutral"), (1, 0.4, "neutral"), begin=4.0)
        assert people.moods == {"neutral": 2}
