"""What has one mood: who is there, who speaks, and the mood that results; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from edge.config import Config
from edge.mood.baseline import Baseline
from edge.mood.fusion import Fused, Fusion
from edge.mood.glimpse import Glimpse, Glimpses
from edge.mood.people import People, Person, PersonEvent
from edge.mood.pooling import FusionParameters
from edge.mood.scores import Scores
from edge.mood.smoothing import Smoother
from edge.mood.talking import Talking
from edge.mood.together import Together
from edge.mood.union import Ears, Eyes
from edge.mood.usual import UsualFaces, as_usual, usual_reading
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import Modality, Mood, Probabilities, Reading

__all__ = ["MoodUpdate", "RoomMood"]

PATIENCE: Final = 5.0
"""Seconds without a picture, or without word from the microphone, after which nobody is known to be there."""


@dataclass(frozen=True, slots=True, eq=False)
class MoodUpdate:
    """What an observation led to: the estimate, the mood if it changed, a short surprise, news of people."""

    fused: Fused | None = None
    mood: Mood | None = None
    glimpse: Glimpse | None = None
    people: tuple[PersonEvent, ...] = ()


class RoomMood:
    """Joins the senses: observation in, fused estimate and accepted changes of mood out.

    `overlap` are cameras of the room that see the same people.
    """

    def __init__(
        self, *, config: Config, parameters: FusionParameters, now: float, overlap: Iterable[str] = ()
    ) -> None:
        fusion = config.fusion
        self.parameters = parameters
        new_fusion = partial(
            Fusion,
            parameters=_expecting(parameters, fusion.voice_neutral),
            rule=fusion.rule,
            face_stale=fusion.face_stale,
            speech_stale=fusion.speech_stale,
            min_quality=fusion.min_quality,
        )
        self._fusion = new_fusion()
        self._smoother = Smoother(config.smoothing, now=now)
        overlap = frozenset(overlap)
        self._people = People(config.smoothing, new_fusion, overlap=overlap)
        self._glimpses = Glimpses()
        self.glimpse: Glimpse | None = None
        self._together: Together = fusion.people
        self._usual = fusion.baseline_neutral
        self._voice_neutral = fusion.voice_neutral
        self._has_baseline = fusion.baseline
        self._baselines: dict[str, Baseline] = {}
        self._talking: dict[str, Talking] = {}
        self._usual_faces = UsualFaces(fusion)
        self.expect(config.camera.fps)
        self._eyes, self._ears = Eyes(overlap), Ears()
        self.newest: dict[Modality, Reading] = {}

    @property
    def mood(self) -> Mood:
        """The mood in force."""
        return self._smoother.current

    @property
    def sure(self) -> bool:
        """Whether the evidence still carries the mood in force."""
        return self._smoother.sure

    @property
    def faces(self) -> int:
        """Confirmed faces in the newest pictures of all cameras."""
        return self._eyes.faces

    @property
    def speaking(self) -> bool:
        """Whether any microphone hears somebody."""
        return self._ears.speaking

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody in the picture, those hidden for a moment included."""
        return self._people.present

    @property
    def moods(self) -> Mapping[str, int]:
        """How many people are of which emotion."""
        return self._people.moods

    def carry_on(self, before: RoomMood) -> None:
        """Begin where another room is, so that new thresholds do not send everybody away."""
        self._fusion.carry_on(before._fusion)
        self._smoother.carry_on(before._smoother)
        self._glimpses, self.glimpse = before._glimpses, before.glimpse
        self._people.carry_on(before._people)
        self._eyes.carry_on(before._eyes)
        self._ears, self.newest = before._ears, dict(before.newest)
        self._talking = before._talking
        self._usual_faces.carry_on(before._usual_faces)
        for microphone, baseline in before._baselines.items():
            self._baseline(microphone).carry_on(baseline)

    def expect(self, fps: float) -> None:
        """So many pictures a second are to come; nobody is seen when three of them stay away."""
        self._patience = max(PATIENCE, 3.0 / fps)

    def see(self, seen: FaceObservation, now: float, camera: str = "camera") -> MoodUpdate:
        """Take in a frame; somebody who is there but cannot be judged still postpones `none`."""
        seen = self._talking.setdefault(camera, Talking()).compose(seen)
        numbers = self._people.meet(seen, now, camera)
        seen = self._usual_faces.compose(seen, numbers)
        news = self._people.judge(seen.readings, numbers, now)
        self._usual_faces.keep_only([person.number for person in self._people.present])
        seen = self._eyes.once(camera, seen, numbers)
        reading = self._eyes.see(camera, seen, now, self._together)
        if seen.faces and reading is None:
            self._smoother.present(now)
        return self._take(reading, now, news)

    def hear(self, heard: SpeechObservation, now: float, microphone: str = "microphone") -> MoodUpdate:
        """Take in a stretch of sound, with what is usual for the voice taken off.

        What another microphone hears better counts from there alone.
        """
        if heard.reading is not None:
            heard = replace(heard, reading=self._of_the_voice(heard.reading, microphone))
        heard = self._ears.hear(microphone, heard, now)
        return self._take(heard.reading, now, self._people.hear(heard, now))

    def tick(self, now: float) -> MoodUpdate:
        """Let time pass: an absence ends the mood, and a device that fell silent shows nobody."""
        self._eyes.expire(now, self._patience)
        self._ears.expire(now, self._patience)
        rested = self._smoother.tick(now)
        if rested is not None:
            self._glimpses.rest()
        return MoodUpdate(mood=rested, people=tuple(self._people.tick(now)))

    @property
    def probabilities(self) -> Probabilities:
        """The steadied distribution behind the mood."""
        return self._smoother.probabilities

    def scores(self, now: float) -> Scores | None:
        """The numbers of this moment; None while nobody is judged."""
        quality = self._fusion.quality(now)
        if quality <= 0:
            return None
        return Scores(self.mood.emotion, self.probabilities, quality, len(self.people))

    def forget(self, modality: Modality, now: float, device: str | None = None) -> list[PersonEvent]:
        """A device, or all of a kind, was closed: what it said no longer counts, and whom it saw has left."""
        self._fusion.forget(modality)
        self.newest.pop(modality, None)
        if modality == "speech":
            self._ears.forget(device)
            self._people.forget_voices()
            return []
        self._eyes.forget(device)
        return self._people.forget(now, device)

    def _of_the_voice(self, reading: Reading, microphone: str) -> Reading:
        own = self._baseline(microphone).hear(reading) if self._has_baseline else reading
        return usual_reading(own, self._voice_neutral)

    def _baseline(self, microphone: str) -> Baseline:
        if microphone not in self._baselines:
            self._baselines[microphone] = Baseline(self._usual)
        return self._baselines[microphone]

    def _take(self, reading: Reading | None, now: float, news: Sequence[PersonEvent] = ()) -> MoodUpdate:
        fused = None
        if reading is not None:
            self.newest[reading.modality] = reading
            fused = self._fusion.update(reading, now)
        if fused is None:
            passed = self.tick(now)
            return replace(passed, people=(*news, *passed.people))
        mood = self._smoother.update(fused, now)
        glimpse = self._glimpses.take(fused, self.mood.emotion)
        self.glimpse = glimpse or self.glimpse
        return MoodUpdate(fused, mood, glimpse, tuple(news))


def _expecting(parameters: FusionParameters, neutral: float) -> FusionParameters:
    """What both senses expect counts once when they are fused."""
    return replace(parameters, prior=as_usual(parameters.prior, neutral))
