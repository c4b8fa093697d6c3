"""Observations in, fused estimates and changes of mood out; all on plain values."""

from __future__ import annotations

import numpy as np
import pytest

from edge.config import Config
from edge.mood.pooling import FusionParameters
from edge.mood.room import MoodUpdate, RoomMood
from edge.mood.usual import ALIKE
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import LABELS, Modality, Reading

SMOOTHING = {"half_life": 0.0, "enter": 0.5, "exit": 0.4, "dwell": 0.0, "absence": 5.0, "thresholds": {}}


def room() -> RoomMood:
    config = Config.model_validate({"smoothing": SMOOTHING})
    return RoomMood(config=config, parameters=FusionParameters(), now=0.0)


def reading(emotion: str, at: float, modality: Modality = "face") -> Reading:
    p = np.full(7, 0.02)
    p[LABELS.index(emotion)] = 0.88
    return Reading(modality, p, 1.0, at)


def seen(emotion: str, at: float, faces: int = 1) -> FaceObservation:
    subject = reading(emotion, at)
    return FaceObservation(at, (subject,), subject, faces)


def unjudged(at: float, faces: int = 1) -> FaceObservation:
    return FaceObservation(at, faces=faces)


def heard(emotion: str, at: float) -> SpeechObservation:
    return SpeechObservation(at, reading(emotion, at, "speech"), True)


def mood(outcome: MoodUpdate) -> str | None:
    return outcome.mood.emotion if outcome.mood is not None else None


def test_a_face_becomes_a_fused_estimate_and_the_mood_once() -> None:
    subject = room()
    assert subject.mood.emotion == "none"
    first = subject.see(seen("happy", 1.0, faces=3), 1.1)
    assert mood(first) == "happy"
    assert first.fused is not None
    assert first.fused.captured_at == 1.0
    assert subject.faces == 3
    second = subject.see(seen("happy", 1.2), 1.3)
    assert mood(second) is None
    assert second.fused is not None
    assert subject.mood.emotion == "happy"


def test_scores_are_those_of_the_steadied_mood_and_end_with_the_readings() -> None:
    subject = room()
    assert subject.scores(0.5) is None
    subject.see(seen("happy", 1.0), 1.0)
    scores = subject.scores(1.1)
    assert scores is not None
    assert (scores.emotion, scores.quality) == ("happy", 1.0)
    assert scores.affect.valence > 0.5
    assert scores.probabilities == pytest.approx(subject.probabilities)
    assert subject.scores(3.0) is None


def test_both_senses_contribute() -> None:
    subject = room()
    subject.see(seen("happy", 1.0), 1.0)
    outcome = subject.hear(heard("happy", 1.1), 1.1)
    assert outcome.fused is not None
    assert set(outcome.fused.sources) == {"face", "speech"}
    assert outcome.fused.confidence > 0.88
    assert subject.newest.keys() == {"face", "speech"}


def test_absence_ends_the_mood() -> None:
    subject = room()
    subject.see(seen("happy", 1.0), 1.0)
    assert mood(subject.tick(5.9)) is None
    assert mood(subject.tick(6.1)) == "none"
    assert mood(subject.tick(6.2)) is None


def test_somebody_who_cannot_be_judged_postpones_none() -> None:
    subject = room()
    subject.see(seen("happy", 1.0), 1.0)
    for moment in range(2, 20):
        assert mood(subject.see(unjudged(float(moment)), float(moment))) is None
    assert subject.mood.emotion == "happy"
    gone = [mood(subject.see(unjudged(float(moment), faces=0), float(moment))) for moment in range(20, 30)]
    assert "none" in gone


def test_speech_without_a_reading_only_tells_that_somebody_speaks() -> None:
    subject = room()
    outcome = subject.hear(SpeechObservation(1.0, None, True), 1.0)
    assert outcome.fused is None
    assert subject.speaking
    subject.hear(SpeechObservation(2.0), 2.0)
    assert not subject.speaking


def test_a_reading_too_poor_to_count_changes_nothing() -> None:
    subject = room()
    poor = reading("happy", 1.0)
    poor = Reading("face", poor.probabilities, 0.01, 1.0)
    outcome = subject.see(FaceObservation(1.0, (poor,), poor, 1), 1.0)
    assert outcome.fused is None
    assert subject.mood.emotion == "none"


@pytest.mark.parametrize("modality", ["face", "speech"])
def test_what_a_closed_device_said_is_forgotten(modality: Modality) -> None:
    subject = room()
    subject.see(seen("happy", 1.0), 1.0)
    subject.hear(heard("sad", 1.0), 1.0)
    subject.forget(modality, 1.0)
    assert modality not in subject.newest
    assert (subject.faces, subject.speaking) == ((0, True) if modality == "face" else (1, False))
    other = subject.hear(heard("sad", 1.1), 1.1) if modality == "face" else subject.see(seen("sad", 1.1), 1.1)
    assert other.fused is not None
    assert len(other.fused.sources) == 1


def test_a_camera_that_stops_delivering_shows_nobody() -> None:
    subject = room()
    subject.see(unjudged(1.0, faces=2), 1.0)
    subject.tick(5.5)
    assert subject.faces == 2
    subject.tick(6.5)
    assert subject.faces == 0


def test_a_microphone_that_stops_delivering_hears_nobody() -> None:
    subject = room()
    subject.hear(heard("happy", 1.0), 1.0)
    assert subject.speaking
    subject.see(seen("happy", 6.5), 6.5)
    subject.tick(6.5)
    assert (subject.faces, subject.speaking) == (1, False)


def test_what_is_usual_for_the_voice_is_taken_off_and_outlives_a_reload() -> None:
    def sad(at: float) -> SpeechObservation:
        p = np.array([0.04, 0.04, 0.04, 0.04, 0.45, 0.04, 0.35])
        return SpeechObservation(at, Reading("speech", p, 1.0, at), True)

    fusion = {"voice_neutral": ALIKE}
    config = Config.model_validate({"smoothing": SMOOTHING | {"enter": 0.4, "exit": 0.4}, "fusion": fusion})
    first = RoomMood(config=config, parameters=FusionParameters(), now=0.0)
    told = [first.hear(sad(at), at).fused for at in np.arange(0, 30, 0.5).tolist()]
    assert told[0] is not None
    assert told[0].emotion == "sad"
    assert told[-1] is not None
    assert told[-1].emotion == "neutral"
    second = RoomMood(config=config, parameters=FusionParameters(), now=30.0)
    second.carry_on(first)
    carried = second.hear(sad(30), 30.0).fused
    assert carried is not None
    assert carried.emotion == "neutral"


def test_without_a_baseline_voices_are_taken_as_they_are_read() -> None:
    fusion = {"baseline": False, "voice_neutral": ALIKE}
    config = Config.model_validate({"smoothing": SMOOTHING, "fusion": fusion})
    subject = RoomMood(config=config, parameters=FusionParameters(), now=0.0)
    for at in np.arange(0, 30, 0.5).tolist():
        told = subject.hear(heard("sad", at), at).fused
        assert told is not None
        assert told.probabilities[LABELS.index("sad")] == pytest.approx(0.88)


def test_a_short_surprise_is_told_and_does_not_become_the_mood() -> None:
    subject = RoomMood(config=Config(), parameters=FusionParameters(), now=0.0)
    glimpses = []
    for step in range(80):
        at = step / 10
        update = subject.see(seen("surprise" if 40 <= step < 47 else "neutral", at), at)
        glimpses += [] if update.glimpse is None else [update.glimpse]
        assert update.mood is None or update.mood.emotion == "neutral"
    assert [one.emotion for one in glimpses] == ["surprise"]
    assert subject.glimpse is glimpses[0]
    assert subject.mood.emotion == "neutral"


def test_what_is_expected_of_both_senses_counts_once_when_they_are_fused() -> None:
    alike = {"face_neutral": ALIKE, "newcomer_neutral": ALIKE, "voice_neutral": ALIKE, "baseline": False}
    expecting = {"face_neutral": 0.5, "newcomer_neutral": 0.5, "voice_neutral": 0.5, "baseline": False}
    odds = []
    for fusion in (alike, expecting):
        config = Config.model_validate({"smoothing": SMOOTHING, "fusion": fusion})
        subject = RoomMood(config=config, parameters=FusionParameters(), now=0.0)
        subject.see(seen("sad", 1.0), 1.0)
        fused = subject.hear(heard("sad", 1.0), 1.0).fused
        assert fused is not None
        odds.append(fused.probabilities[LABELS.index("neutral")] / fused.probabilities[LABELS.index("sad")])
    assert odds[1] / odds[0] == pytest.approx(6.0)
