import numpy as np

from edge.analysis.timeline import FusedPoint, Timeline
from edge.vocabulary import LABELS, Modality, Reading


def peaked(label: str, share: float = 0.7) -> np.ndarray:
    values = np.full(7, (1 - share) / 6)
    values[LABELS.index(label)] = share
    return values


def reading(modality: Modality, label: str, t: float) -> Reading:
    box = (0.1, 0.2, 0.3, 0.4) if modality == "face" else None
    return Reading(modality, peaked(label), 0.9, t, box=box)


def point(label: str, t: float) -> FusedPoint:
    return FusedPoint(t, label, 0.8, peaked("happy"), ("face",))


def timeline() -> Timeline:
    subject = Timeline("clip.mp4", duration=3.0, frames_read=3, frames_with_face=2, speech_windows=1)
    subject.face = [reading("face", "happy", 0.1), reading("face", "sad", 2.0)]
    subject.speech = [reading("speech", "angry", 1.0)]
    subject.fused = [point("none", 0.1), point("happy", 1.0), point("happy", 2.0), point("none", 3.0)]
    return subject


def test_the_summary_names_the_prevailing_emotion_not_its_absence() -> None:
    summary = timeline().summary()
    assert summary["emotion"] == "happy"
    assert summary["shares"] == {"happy": 1.0}


def test_a_file_too_short_for_a_steady_mood_has_its_likeliest_emotion() -> None:
    short = Timeline("short.mp4")
    short.fused = [point("none", 0.1), point("none", 0.2), FusedPoint(9.0, "none", 0.0, peaked("sad"), ())]
    assert short.summary() == {"emotion": "happy", "shares": {}}


def test_shares_are_of_time_and_agree_with_the_emotion() -> None:
    """Many readings in a short while count no more than the while."""
    film = Timeline("film.mp4", duration=10.0)
    film.fused = [point("happy", 0.1 * i) for i in range(30)] + [point("sad", 3.0), point("none", 9.0)]
    assert film.summary() == {"emotion": "sad", "shares": {"happy": 0.3333, "sad": 0.6667}}


def test_a_mood_holds_to_the_end_of_the_file() -> None:
    film = Timeline("film.mp4", duration=10.0)
    film.fused = [point("happy", 0.0), point("sad", 4.0)]
    assert film.shares() == {"happy": 0.4, "sad": 0.6}


def test_a_picture_has_one_emotion() -> None:
    still = Timeline("face.png")
    still.fused = [point("happy", 0.0)]
    assert still.summary() == {"emotion": "happy", "shares": {"happy": 1.0}}
