"""Several cameras and microphones of one room: whom all of them see, and which of them hears best. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge.mood.together import Together, pool
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import Reading

__all__ = ["Ears", "Eyes"]

_TOGETHER: Final = 1.0
"""Seconds within which pictures, or windows of speech, of several devices belong together."""


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    seen: FaceObservation
    at: float


class Eyes:
    """The newest picture of every camera of a room; the people are those of all of them together.

    Cameras that `overlap` see the same people.
    """

    def __init__(self, overlap: Iterable[str] = ()) -> None:
        self._overlap = frozenset(overlap)
        self._views: dict[str, _View] = {}

    def carry_on(self, before: Eyes) -> None:
        """Go on with what another one has seen."""
        self._views = before._views

    @property
    def faces(self) -> int:
        """Confirmed faces in the newest pictures; of cameras that overlap as many as one of them sees."""
        faces = {name: view.seen.faces for name, view in self._views.items()}
        together = [count for name, count in faces.items() if name in self._overlap]
        return sum(faces.values()) - sum(together) + max(together, default=0)

    def once(self, camera: str, seen: FaceObservation, numbers: Container[int | None]) -> FaceObservation:
        """A picture without readings of whom another camera shows better: only tracks in `numbers` count."""
        if camera not in self._overlap:
            return seen
        readings = tuple(one for one in seen.readings if one.track in numbers)
        subject = seen.subject if seen.subject is not None and seen.subject.track in numbers else None
        return replace(seen, readings=readings, subject=subject)

    def see(self, camera: str, seen: FaceObservation, now: float, how: Together) -> Reading | None:
        """Take in a picture; one reading of all faces that are seen now, None without any."""
        self._views[camera] = _View(seen, now)
        if len(self._views) == 1:
            return pool(seen.readings, seen.subject, how)
        views = [view.seen for view in self._views.values() if now - view.at <= _TOGETHER]
        readings = [one for view in views for one in view.readings]
        subjects = [view.subject for view in views if view.subject is not None]
        subject = max(subjects, key=lambda one: one.quality, default=None)
        pooled = pool(readings, subject, how)
        return None if pooled is None else replace(pooled, captured_at=seen.captured_at)

    def expire(self, now: float, patience: float) -> None:
        """Nobody is seen by a camera that has sent no picture for so many seconds."""
        self._views = {name: view for name, view in self._views.items() if now - view.at <= patience}

    def forget(self, camera: str | None) -> None:
        """A camera, or all of them (None), was closed."""
        if camera is None:
            self._views.clear()
        else:
            self._views.pop(camera, None)


class Ears:
    """What every microphone of a room hears; of two that hear one voice the better signal counts."""

    def __init__(self) -> None:
        self._speaking: dict[str, tuple[bool, float]] = {}
        self._newest: dict[str, Reading] = {}

    @property
    def speaking(self) -> bool:
        """Whether any of them hears somebody."""
        return any(speaking for speaking, _ in self._speaking.values())

    def hear(self, microphone: str, heard: SpeechObservation, now: float) -> SpeechObservation:
        """Take in a stretch of sound: as the room hears it, without a reading that another knows better."""
        self._speaking[microphone] = heard.speaking, now
        reading = heard.reading
        if reading is not None:
            self._newest[microphone] = reading
            if _surpassed(microphone, reading, self._newest):
                reading = None
        return replace(heard, reading=reading, speaking=self.speaking)

    def expire(self, now: float, patience: float) -> None:
        """Nobody is heard by a microphone that has told nothing for so many seconds."""
        self._speaking = {name: told for name, told in self._speaking.items() if now - told[1] <= patience}

    def forget(self, microphone: str | None) -> None:
        """A microphone, or all of them (None), was closed."""
        if microphone is None:
            self._speaking.clear()
            self._newest.clear()
        else:
            self._speaking.pop(microphone, None)
            self._newest.pop(microphone, None)


def _surpassed(microphone: str, reading: Reading, newest: Mapping[str, Reading]) -> bool:
    return any(
        name != microphone
        and abs(other.captured_at - reading.captured_at) <= _TOGETHER
        and other.quality > reading.quality
        for name, other in newest.items()
    )
