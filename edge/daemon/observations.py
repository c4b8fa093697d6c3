"""From what the senses observe to what is told: the mood of the room concerned, its people, its readings."""

from __future__ import annotations

import logging
from collections.abc import Callable

from edge.daemon.components import Components
from edge.daemon.logs import fields
from edge.daemon.processors import Heard, Seen
from edge.daemon.rooms import Room
from edge.mood.room import MoodUpdate
from edge.perception.observation import FaceObservation
from edge.perception.sight import UNSEEN
from edge.publish.stats import RunStats
from edge.vocabulary import Mood

__all__ = ["Observations"]

_log = logging.getLogger(__name__)


class Observations:
    """Used by the main loop only; `on_mood` is told every accepted change."""

    def __init__(
        self,
        components: Components,
        *,
        stats: RunStats,
        clock: Callable[[], float],
        on_mood: Callable[[Mood], None],
    ) -> None:
        self._components, self._stats = components, stats
        self._clock, self._on_mood = clock, on_mood

    def see(self, event: Seen) -> None:
        """What a camera saw; nothing counts that comes after it was closed."""
        components, seen = self._components, event.observation
        sense = components.senses.eyes.get(event.camera)
        if sense is None or not sense.is_open:
            return
        self._stats.frames += 1
        self._stats.faces += seen.faces > 0
        now, room = self._clock(), components.rooms[event.camera.room]
        for meter in (components.health.face, sense.meter):
            meter.record(now, now - seen.captured_at)
            meter.refused(now, _reasons(seen))
        self._conclude(room, room.mood.see(seen, now, event.camera.name), now)
        if seen.subject is not None:
            components.outlets.publish_reading(room, seen.subject, components.health)

    def hear(self, event: Heard) -> None:
        """What a microphone heard; nothing counts that comes after it was closed."""
        components, heard = self._components, event.observation
        sense = components.senses.ears.get(event.microphone)
        if sense is None or not sense.is_open:
            return
        now, room = self._clock(), components.rooms[event.microphone.room]
        self._conclude(room, room.mood.hear(heard, now, event.microphone.name), now)
        if heard.reading is not None:
            self._stats.speech_windows += 1
            for meter in (components.health.speech, sense.meter):
                meter.record(now, now - heard.captured_at)
                meter.reaches(heard.bandwidth)
            components.outlets.publish_reading(room, heard.reading, components.health)

    def tick(self, now: float) -> None:
        """Nothing was observed; moods end by themselves."""
        for room in self._components.rooms.values():
            self._tell(room, room.mood.tick(now), now)

    def _conclude(self, room: Room, outcome: MoodUpdate, now: float) -> None:
        """Publish what an observation led to; a latency is measured for every fused update."""
        self._tell(room, outcome, now)
        if outcome.fused is not None:
            self._stats.latency.add(self._clock() - outcome.fused.captured_at)

    def _tell(self, room: Room, outcome: MoodUpdate, now: float) -> None:
        outlets = self._components.outlets
        if outcome.mood is not None:
            self._changed(room, outcome.mood, now)
        else:
            outlets.publish_state(room)
        if outcome.glimpse is not None:
            outlets.glimpsed(outcome.glimpse, room)
        outlets.publish_people(room, outcome.people)

    def _changed(self, room: Room, mood: Mood, now: float) -> None:
        components = self._components
        components.outlets.mood_changed(mood, room, now, components.context.local_time())
        self._stats.moods[mood.emotion] += 1
        self._on_mood(mood)
        where = {} if room.plan.level is None else {"room": room.plan.level}
        told = fields(emotion=mood.emotion, confidence=round(mood.confidence, 2), source=mood.source, **where)
        _log.info("mood", extra=told)


def _reasons(seen: FaceObservation) -> set[str]:
    """Why faces of a picture were not judged; one that is only followed between detections is no matter."""
    known = (face for face in seen.detected if face.confirmed)
    return {reason for face in known for reason in face.reasons} - {UNSEEN}
