"""The second pass: what was seen and said becomes moods, people and speakers of the timeline."""

from __future__ import annotations

from dataclasses import replace

from edge.analysis.baselines import with_baselines
from edge.analysis.ears import Spoken
from edge.analysis.listening import Listened
from edge.analysis.recording import Recording
from edge.analysis.speaking import Said
from edge.analysis.timeline import FusedPoint
from edge.analysis.watching import Seen
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.inference.directories import model_directory
from edge.mood.baseline import Baseline
from edge.mood.parameters import read_parameters
from edge.mood.room import MoodUpdate, RoomMood
from edge.mood.talking import Talking
from edge.mood.usual import UsualFaces, usual_reading
from edge.perception.faults import Faults
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.sight import UNSEEN
from edge.perception.visits import Visits
from edge.vocabulary import LABELS, NONE, Reading

__all__ = ["Judge"]


class Judge:
    """Takes what was seen and said, in order of time, and fills the recording.

    With pictures there is one room in which all speak; without, every speaker has a mood of their own, told
    when everybody was heard to the end: only then it is known what is usual for a voice.
    """

    def __init__(self, clip: MediaFile, config: Config, listened: Listened, recording: Recording) -> None:
        self._recording = recording
        self._timeline = recording.timeline
        self._still = clip.is_image
        self._config = config
        self._parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
        self._now = 0.0
        self._visits, self._talking = Visits(), Talking()
        self._usual = UsualFaces(config.fusion)
        self._faults = Faults("speech")
        self._shared = self._new_room()
        self._rooms = {} if clip.has_video else {voice.id: self._new_room() for voice in listened.voices}
        self._baselines = {voice.id: Baseline(config.fusion.baseline_neutral) for voice in listened.voices}

    def take(self, item: Seen | Said) -> None:
        """Work on one picture or one window of speech."""
        self._now = max(self._now, item.at)
        if isinstance(item, Seen):
            self._see(item)
        else:
            spoken = item.spoken(self._faults)
            if spoken is not None:
                self._hear(spoken)

    def finish(self) -> None:
        """The end of the file: speech as it is for its speakers, and moods where there are no pictures."""
        spoken = with_baselines(self._recording.spoken, self._config.fusion)
        for one in spoken if self._rooms else ():
            self._now = one.reading.captured_at
            self._tell(self._rooms[one.speaker], one.reading, one.speaker)
        usual = self._config.fusion.voice_neutral
        self._recording.spoken = [replace(one, reading=usual_reading(one.reading, usual)) for one in spoken]
        self._timeline.speech = [one.reading for one in self._recording.spoken]

    def _new_room(self) -> RoomMood:
        """A room to which voices come with what is usual for them taken off."""
        fusion = self._config.fusion.model_copy(update={"baseline": False})
        config = self._config.model_copy(update={"fusion": fusion})
        return RoomMood(config=config, parameters=self._parameters, now=0.0)

    def _see(self, item: Seen) -> None:
        if item.cut:
            self._visits.forget()
        seen = item.found
        self._timeline.frames_read += 1
        self._timeline.frames_with_face += seen.faces > 0
        self._timeline.faces = max(self._timeline.faces, seen.faces)
        if seen.detected:
            self._meet(self._talking.compose(seen))
            self._excuse(seen)
        self._point(self._shared, self._shared.see(seen, seen.captured_at), None)

    def _excuse(self, seen: FaceObservation) -> None:
        """Note why faces were not judged; one that is only followed between detections is no matter."""
        unjudged = self._timeline.unjudged
        for reason in {reason for face in seen.detected for reason in face.reasons} - {UNSEEN}:
            unjudged[reason] = unjudged.get(reason, 0) + 1

    def _meet(self, seen: FaceObservation) -> None:
        """Everybody who is judged has the number of their visit."""
        faces = {one.track: one.box for one in seen.detected if one.confirmed}
        numbers = self._visits.see(faces, seen.captured_at)
        for one in self._usual.compose(seen, numbers).readings:
            if one.track in numbers:
                self._timeline.face.append(replace(one, track=numbers[one.track]))

    def _hear(self, spoken: Spoken) -> None:
        self._timeline.speech_windows += 1
        self._recording.spoken.append(spoken)
        if self._rooms:
            return
        reading = spoken.reading
        if self._config.fusion.baseline:
            reading = self._baselines[spoken.speaker].hear(reading)
        self._tell(self._shared, reading, None)

    def _tell(self, room: RoomMood, reading: Reading, speaker: str | None) -> None:
        heard = SpeechObservation(reading.captured_at, reading, True)
        self._point(room, room.hear(heard, self._now), speaker)

    def _point(self, room: RoomMood, outcome: MoodUpdate, speaker: str | None) -> None:
        point = self._fused_point(room, outcome)
        if point is not None:
            self._timeline.fused.append(point)
            self._recording.fused_speaker.append(speaker)

    def _fused_point(self, room: RoomMood, outcome: MoodUpdate) -> FusedPoint | None:
        fused, mood = outcome.fused, outcome.mood
        if fused is None:
            if mood is None:
                return None
            return FusedPoint(self._now, mood.emotion, mood.confidence, mood.probabilities, ())
        if self._still:
            return FusedPoint(self._now, fused.emotion, fused.confidence, fused.probabilities, fused.sources)
        emotion, steadied = room.mood.emotion, room.probabilities
        confidence = 0.0 if emotion == NONE else float(steadied[LABELS.index(emotion)])
        return FusedPoint(self._now, emotion, confidence, steadied, fused.sources)
