"""Everybody in the picture, each with a mood of their own. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from edge.config.models import SmoothingConfig
from edge.mood.fusion import Fused, Fusion
from edge.mood.identities import Identities
from edge.mood.smoothing import Smoother
from edge.mood.speaker import Speaker
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.visits import Visit, Visits
from edge.vocabulary import LABELS, NONE, Box, Reading

__all__ = ["People", "Person", "PersonEvent", "Place"]

Place = Literal["left", "middle", "right"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the picture; `since` is when the visit began, on the monotonic clock.

    `emotion` is None as long as it is unclear or the face cannot be judged; `box` as shares of the picture.
    """

    number: int
    emotion: str | None
    confidence: float
    since: float
    place: Place
    quality: float
    box: Box
    camera: str


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """Somebody arrived, changed their mood, or left."""

    kind: Literal["arrived", "changed", "left"]
    person: Person


class People:
    """The people of one room; their numbers run on from visit to visit, whatever the camera.

    `fusion` makes what joins face and voice of one person; without it voices are nobody's. `overlap` are
    cameras that see the same people.
    """

    def __init__(
        self,
        config: SmoothingConfig,
        fusion: Callable[[], Fusion] | None = None,
        *,
        overlap: Iterable[str] = (),
    ) -> None:
        self._config = config
        self._new_fusion = fusion
        self._speaker = Speaker()
        self._voices: dict[int, Fusion] = {}
        self._identities = Identities(overlap)
        self._numbers = count(1)
        self._visits: dict[str, Visits] = {}
        self._smoothers: dict[int, Smoother] = {}
        self._quality: dict[int, float] = {}
        self._told: dict[int, Person] = {}

    def carry_on(self, before: People) -> None:
        """Begin with the people of another one: numbers and moods stay, these limits decide from now on."""
        self._identities.carry_on(before._identities)
        self._numbers, self._visits = before._numbers, before._visits
        self._quality, self._told, self._speaker = before._quality, before._told, before._speaker
        for number, smoother in before._smoothers.items():
            self._smoothers[number] = Smoother(self._config)
            self._smoothers[number].carry_on(smoother)

    @property
    def present(self) -> tuple[Person, ...]:
        """Everybody here now, in order of arrival."""
        everybody = (
            self._person(number, visit, camera)
            for camera, visits in self._visits.items()
            for visit in visits.present
            if (number := self._identities.person(visit.number)) is not None
        )
        return tuple(sorted(everybody, key=lambda person: person.number))

    @property
    def moods(self) -> Mapping[str, int]:
        """How many are of which emotion; those of whom nothing is known are left out."""
        return Counter(person.emotion for person in self.present if person.emotion is not None)

    def see(self, seen: FaceObservation, now: float, camera: str = "camera") -> list[PersonEvent]:
        """Take in a picture; what became of people."""
        return self.judge(seen.readings, self.meet(seen, now, camera), now)

    def meet(self, seen: FaceObservation, now: float, camera: str = "camera") -> Mapping[int, int]:
        """Take in who is in a picture: the number of each confirmed track that no camera shows better."""
        if camera not in self._visits:
            self._visits[camera] = Visits(numbers=self._numbers)
        confirmed = {one.track: one for one in seen.detected if one.confirmed}
        visits = self._visits[camera].see({track: one.box for track, one in confirmed.items()}, now)
        quality = {track: one.quality for track, one in confirmed.items()}
        numbers = self._identities.see(camera, visits, quality, now)
        mouths: dict[int, float] = {}
        for track, number in numbers.items():
            self._quality[number] = confirmed[track].quality
            mouth = confirmed[track].mouth
            if mouth is not None:
                mouths[number] = mouth
        self._speaker.see(mouths, seen.captured_at)
        return numbers

    def judge(self, readings: Iterable[Reading], numbers: Mapping[int, int], now: float) -> list[PersonEvent]:
        """Take in what was read of them; what became of people."""
        for reading in readings:
            number = None if reading.track is None else numbers.get(reading.track)
            if number is not None:
                self._smoother(number, now).update(self._joined(number, reading, now), now)
        return self._news(now)

    def hear(self, heard: SpeechObservation, now: float) -> list[PersonEvent]:
        """Take in a stretch of sound: a reading counts for whoever's mouth moved with it, if one does."""
        self._speaker.hear(heard.speaking, heard.captured_at)
        number = self._speaker.find(heard.captured_at) if heard.reading is not None else None
        if heard.reading is None or self._new_fusion is None or number not in self._quality:
            return []
        fused = self._voices.setdefault(number, self._new_fusion()).update(heard.reading, now)
        if fused is None:
            return []
        self._smoother(number, now).update(fused, now)
        return self._news(now)

    def forget_voices(self) -> None:
        """The microphone was closed: what it heard no longer counts for anybody."""
        self._speaker = Speaker()
        self._voices.clear()

    def tick(self, now: float) -> list[PersonEvent]:
        """Let time pass."""
        for smoother in self._smoothers.values():
            smoother.tick(now)
        return self._news(now)

    def forget(self, now: float, camera: str | None = None) -> list[PersonEvent]:
        """A camera, or all of them, was closed: whoever was seen there has left."""
        for name, visits in self._visits.items():
            if camera in (None, name):
                visits.forget()
        return self._news(now)

    def _joined(self, number: int, reading: Reading, now: float) -> Fused:
        """The face, with the person's voice as long as that is fresh."""
        voice = self._voices.get(number)
        fused = voice.update(reading, now) if voice is not None else None
        if fused is not None and "speech" in fused.sources:
            return fused
        self._voices.pop(number, None)
        return _alone(reading)

    def _smoother(self, number: int, now: float) -> Smoother:
        if number not in self._smoothers:
            self._smoothers[number] = Smoother(self._config, now=now)
        return self._smoothers[number]

    def _person(self, number: int, visit: Visit, camera: str) -> Person:
        smoother = self._smoothers.get(number)
        mood = smoother.current if smoother is not None else None
        known = mood is not None and mood.emotion != NONE
        confidence = 0.0
        if smoother is not None and mood is not None and known:
            confidence = float(smoother.probabilities[LABELS.index(mood.emotion)])
        return Person(
            number=number,
            emotion=mood.emotion if mood is not None and known else None,
            confidence=confidence,
            since=visit.since,
            place=_place(visit),
            quality=self._quality.get(number, 0.0),
            box=visit.box,
            camera=camera,
        )

    def _gone(self, now: float) -> list[int]:
        """The people who have left."""
        ended = [visit for visits in self._visits.values() for visit in visits.ended(now)]
        left = [self._identities.end(visit.number) for visit in ended]
        return [number for number in left if number is not None] + list(self._identities.settle())

    def _news(self, now: float) -> list[PersonEvent]:
        events = []
        for number in self._gone(now):
            self._smoothers.pop(number, None)
            self._voices.pop(number, None)
            self._quality.pop(number, None)
            gone = self._told.pop(number, None)
            if gone is not None:
                events.append(PersonEvent("left", gone))
        for person in self.present:
            before = self._told.get(person.number)
            if before is None:
                events.append(PersonEvent("arrived", person))
            elif person.emotion not in (before.emotion, None):
                events.append(PersonEvent("changed", person))
            kept = (
                person
                if person.emotion is not None or before is None
                else replace(person, emotion=before.emotion)
            )
            self._told[person.number] = kept
        return events


def _alone(reading: Reading) -> Fused:
    return Fused(reading.probabilities, "face", reading.captured_at, ("face",))


def _place(visit: Visit) -> Place:
    across = visit.box[0] + visit.box[2] / 2
    return "left" if across < 1 / 3 else "right" if across > 2 / 3 else "middle"
