"""A room with several cameras and microphones: whom all see, which hears best."""

from __future__ import annotations

import numpy as np
import pytest

from edge.config import Config
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.mood.union import Ears, Eyes
from edge.perception.observation import FaceObservation, FaceSighting, SpeechObservation
from edge.vocabulary import LABELS, Modality, Reading


def reading(emotion: str, at: float, quality: float = 1.0, modality: Modality = "face") -> Reading:
    spread = np.full(7, 0.02)
    spread[LABELS.index(emotion)] = 0.88
    box = (0.4, 0.4, 0.2, 0.2) if modality == "face" else None
    return Reading(modality, spread, quality, at, 0.0, box, 1 if modality == "face" else None)


def seen(emotion: str, at: float, quality: float = 1.0) -> FaceObservation:
    one = reading(emotion, at, quality)
    assert one.box is not None
    sighting = FaceSighting(1, one.box, 0.9, quality, (), True)
    return FaceObservation(at, (one,), one, 1, (sighting,))


def heard(emotion: str, at: float, quality: float) -> SpeechObservation:
    return SpeechObservation(at, reading(emotion, at, quality, "speech"), True)


def test_faces_of_two_cameras_make_one_reading() -> None:
    eyes = Eyes()
    eyes.see("door", seen("happy", 1.0), 1.0, "all")
    both = eyes.see("window", seen("sad", 1.2), 1.2, "all")
    assert both is not None
    assert eyes.faces == 2
    assert both.captured_at == 1.2
    assert both.probabilities[LABELS.index("happy")] == pytest.approx(0.45)
    assert both.probabilities[LABELS.index("sad")] == pytest.approx(0.45)


def test_the_subject_is_the_one_whose_face_is_seen_best() -> None:
    eyes = Eyes()
    eyes.see("door", seen("happy", 1.0, 0.9), 1.0, "subject")
    chosen = eyes.see("window", seen("sad", 1.2, 0.3), 1.2, "subject")
    assert chosen is not None
    assert (chosen.emotion, chosen.captured_at) == ("happy", 1.2)


def test_what_a_camera_saw_long_ago_does_not_count_and_one_that_is_silent_sees_nobody() -> None:
    eyes = Eyes()
    eyes.see("door", seen("happy", 1.0), 1.0, "all")
    alone = eyes.see("window", seen("sad", 3.0), 3.0, "all")
    assert alone is not None
    assert alone.emotion == "sad"
    eyes.expire(7.0, 5.0)
    assert eyes.faces == 1
    eyes.forget("window")
    assert eyes.faces == 0


def test_of_two_microphones_that_hear_one_voice_the_better_signal_counts() -> None:
    ears = Ears()
    assert ears.hear("desk", heard("happy", 1.0, 0.8), 1.0).reading is not None
    assert ears.hear("door", heard("angry", 1.3, 0.4), 1.3).reading is None
    assert ears.hear("door", heard("angry", 3.0, 0.4), 3.0).reading is not None, "nobody else hears it"
    silent = SpeechObservation(4.0, None, speaking=False)
    assert ears.hear("desk", silent, 4.0).speaking, "the other still hears somebody"
    ears.forget("door")
    assert not ears.speaking


def test_people_of_two_cameras_have_different_numbers_and_leave_with_their_camera() -> None:
    room = RoomMood(config=Config(), parameters=FusionParameters(), now=0.0)
    room.see(seen("happy", 1.0), 1.0, "door")
    room.see(seen("sad", 1.1), 1.1, "window")
    assert [(one.number, one.camera) for one in room.people] == [(1, "door"), (2, "window")]
    left = room.forget("face", 1.2, "door")
    assert [(event.kind, event.person.number) for event in left] == [("left", 1)]
    assert room.faces == 1
