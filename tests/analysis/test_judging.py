"""What is usual of faces and voices, in a recording and what is reported of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest

from edge.analysis.batch.rows import rows
from edge.analysis.ears import Spoken
from edge.analysis.judging import Judge
from edge.analysis.listening import Listened
from edge.analysis.packed import FaceReadings, FusedPoints
from edge.analysis.people import people
from edge.analysis.photograph import for_photograph
from edge.analysis.recording import Recording
from edge.analysis.report.page import page
from edge.analysis.speakers import Voice
from edge.analysis.speaking import Said
from edge.analysis.timeline import Timeline
from edge.analysis.watching import Seen
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.mood.usual import ALIKE
from edge.perception.faults import Faults
from edge.perception.observation import FaceObservation, FaceSighting
from edge.vocabulary import LABELS, Box, Probabilities, Reading

FPS = 5.0
BOX: Box = (0.4, 0.3, 0.2, 0.3)
EXPECTING = {
    "face_neutral": 0.3,
    "newcomer_neutral": 0.85,
    "newcomer_emotions": {},
    "voice_neutral": 0.25,
    "baseline": False,
}
AT_ITS_WORD = {"face_neutral": ALIKE, "newcomer_neutral": ALIKE, "voice_neutral": ALIKE}


@dataclass(frozen=True)
class Clip:
    """What a judge asks of a file."""

    has_video: bool
    is_image: bool = False


@dataclass(frozen=True)
class Speaks:
    """A window of speech whose scores are there already."""

    at: float
    scores: Probabilities

    def spoken(self, _: Faults) -> Spoken:
        return Spoken(Reading("speech", self.scores, 1.0, self.at), "left", 0, self.at - 0.5)


@dataclass(frozen=True)
class Somebody:
    """A speaker of whom a judge needs no more than the name."""

    id: str


def scores(emotion: str, share: float, neutral: float) -> Probabilities:
    p = np.full(7, (1 - share - neutral) / 5)
    p[LABELS.index(emotion)], p[LABELS.index("neutral")] = share, neutral
    return p


SAD = scores("sad", 0.7, 0.14)
CALM = scores("sad", 0.1, 0.8)


def picture(at: float, p: Probabilities) -> Seen:
    reading = Reading("face", p, 1.0, at, box=BOX, track=1)
    sighting = FaceSighting(1, BOX, 1.0, 1.0, (), True)
    return Seen(False, FaceObservation(at, (reading,), reading, 1, (sighting,)))


def film(config: Config, *shown: Probabilities, image: bool = False) -> Recording:
    """One face, each distribution for 4 s."""
    faces = FaceReadings()
    recording = Recording(Timeline("film.mp4", face=faces, fused=FusedPoints()), {}, {})
    judge = Judge(cast(MediaFile, Clip(True, image)), config, Listened(), recording)
    for step in range(int(len(shown) * 4 * FPS)):
        judge.take(picture(step / FPS, shown[int(step / FPS / 4)]))
    judge.finish()
    recording.timeline.duration = len(shown) * 4.0
    recording.people = people(faces, config.smoothing, 1 / FPS)
    return recording


def call(config: Config, p: Probabilities) -> Recording:
    """One voice that reads the same for 10 s, without pictures."""
    recording = Recording(Timeline("call.wav", fused=FusedPoints()), {}, {})
    voices = (cast(Voice, Somebody("left")),)
    judge = Judge(cast(MediaFile, Clip(False)), config, Listened(voices), recording)
    for at in np.arange(1.0, 11.0, 0.5).tolist():
        judge.take(cast(Said, Speaks(at, p)))
    judge.finish()
    return recording


def configured(**fusion: object) -> Config:
    return Config.model_validate({"fusion": {**EXPECTING, **fusion}})


def told(recording: Recording) -> set[str]:
    return {span.emotion for person in recording.people for span in person.spans}


def test_somebody_who_comes_with_a_sad_face_may_look_so_at_rest() -> None:
    usual, word = film(configured(), SAD), film(configured(**AT_ITS_WORD), SAD)
    assert {reading.emotion for reading in usual.timeline.face} == {"neutral"}
    assert {reading.emotion for reading in word.timeline.face} == {"sad"}
    assert "sad" not in told(usual)
    assert "sad" in told(word)
    assert {point.emotion for point in usual.timeline.fused} == {"none", "neutral"}
    assert {point.emotion for point in word.timeline.fused} == {"none", "sad"}


def test_the_report_and_the_table_of_a_folder_say_the_same() -> None:
    usual, word = film(configured(), SAD), film(configured(**AT_ITS_WORD), SAD)
    assert '"sad", 0.' in page(word)
    assert '"sad", 0.' not in page(usual)
    (row,), (taken,) = rows(usual, "film"), rows(word, "film")
    assert (row["emotion"], taken["emotion"]) == ("neutral", "sad")


def test_a_face_that_was_neutral_is_sad_when_it_turns_so() -> None:
    found = film(configured(), CALM, SAD)
    assert [reading.emotion for reading in found.timeline.face][-1] == "sad"
    assert told(found) >= {"neutral", "sad"}
    doubted = film(configured(face_neutral=0.6), CALM, SAD)
    assert "sad" not in told(doubted)


def test_a_photograph_is_taken_at_its_word() -> None:
    config = for_photograph(configured())
    found = film(config, SAD, image=True)
    assert {point.emotion for point in found.timeline.fused} == {"sad"}


@pytest.mark.parametrize(("share", "emotion"), [(0.25, "neutral"), (ALIKE, "sad")])
def test_windows_of_a_call_are_weighed_by_what_is_usual_of_voices(share: float, emotion: str) -> None:
    found = call(configured(voice_neutral=share), scores("sad", 0.5, 0.35))
    assert {one.reading.emotion for one in found.spoken} == {emotion}
    assert {one.emotion for one in found.timeline.speech} == {emotion}
    assert {point.emotion for point in found.timeline.fused} - {"none"} == {emotion}
    assert set(found.fused_speaker) == {"left"}
