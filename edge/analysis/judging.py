"""The second pass: pictures and planned windows of speech go through the models and into the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from edge.analysis.ears import Ear, Spoken
from edge.analysis.frames import Slicer
from edge.analysis.listening import Listened
from edge.analysis.recording import Recording
from edge.analysis.timeline import FusedPoint
from edge.capture.files.media_file import MediaFile
from edge.capture.sound.channels import Channel
from edge.capture.video.pacer import Pacer
from edge.config import Config
from edge.inference.classifier import Classifier
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.mood.room import MoodUpdate, RoomMood
from edge.perception.cuts import Cuts
from edge.perception.face import FacePipeline
from edge.perception.inputs import SPEECH_ITEM
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.pixels import as_bgr
from edge.perception.sight import UNSEEN
from edge.perception.tracker import HITS
from edge.perception.visits import Visits
from edge.vocabulary import LABELS, NONE, AudioChunk, Frame

__all__ = ["Judge"]


class Judge:
    """Feeds frames and sound to the pipelines and fills the recording.

    Faces are looked for in every frame and judged `camera.fps` times a second, as by the daemon. With
    pictures there is one room in which all speak; without, every speaker has a mood of their own.
    """

    def __init__(
        self, stack: ExitStack, clip: MediaFile, config: Config, listened: Listened, recording: Recording
    ) -> None:
        self._recording = recording
        self._timeline = recording.timeline
        self._still = clip.is_image
        self._single = clip.single_picture
        self._config = config
        self._parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
        self._now = 0.0
        self._cuts, self._visits = Cuts(), Visits()
        self._pacer = Pacer(config.camera.fps)
        self._face = self._open_face(stack) if clip.has_video else None
        self._ears = self._open_ears(stack, listened) if listened.voices else {}
        self._slicers = {channel: Slicer() for channel in self._ears}
        self._shared = self._new_room()
        self._rooms = {} if clip.has_video else {voice.id: self._new_room() for voice in listened.voices}

    def take(self, channel: Channel, item: Frame | AudioChunk) -> None:
        """Work on one frame or stretch of sound."""
        self._now = item.captured_at
        if isinstance(item, Frame):
            self._frame(item)
        elif channel in self._ears:
            self._sound(self._ears[channel], self._slicers[channel], item)

    def _open_face(self, stack: ExitStack) -> FacePipeline:
        confirm = 1 if self._single else HITS
        return stack.enter_context(FacePipeline.open(self._config, clock=self._clock, confirm=confirm))

    def _open_ears(self, stack: ExitStack, listened: Listened) -> dict[Channel, list[Ear]]:
        classifier = stack.enter_context(
            Classifier.open("speech", config=self._config.engines, item=SPEECH_ITEM)
        )
        ears: dict[Channel, list[Ear]] = {}
        for channel, speaker, plan in listened.plans():
            ear = Ear(speaker, plan, classifier=classifier, config=self._config, clock=self._clock)
            ears.setdefault(channel, []).append(ear)
        return ears

    def _clock(self) -> float:
        return self._now

    def _new_room(self) -> RoomMood:
        return RoomMood(config=self._config, parameters=self._parameters, now=0.0)

    def _frame(self, frame: Frame) -> None:
        assert self._face is not None
        if self._cuts.is_cut(as_bgr(frame.image)):
            self._face.begin()
            self._visits.forget()
        seen = self._face.process(frame, judge=self._pacer.due(frame.captured_at))
        self._timeline.frames_read += 1
        self._timeline.frames_with_face += seen.faces > 0
        self._timeline.faces = max(self._timeline.faces, seen.faces)
        if seen.detected:
            self._meet(seen)
            self._excuse(seen)
        self._point(self._shared, self._shared.see(seen, frame.captured_at), None)

    def _excuse(self, seen: FaceObservation) -> None:
        """Note why faces were not judged; one that is only followed between detections is no matter."""
        unjudged = self._timeline.unjudged
        for reason in {reason for face in seen.detected for reason in face.reasons} - {UNSEEN}:
            unjudged[reason] = unjudged.get(reason, 0) + 1

    def _meet(self, seen: FaceObservation) -> None:
        """Everybody who is judged has the number of their visit."""
        faces = {one.track: one.box for one in seen.detected if one.confirmed}
        numbers = self._visits.see(faces, seen.captured_at)
        for one in seen.readings:
            if one.track in numbers:
                self._timeline.face.append(replace(one, track=numbers[one.track]))

    def _sound(self, ears: Sequence[Ear], slicer: Slicer, chunk: AudioChunk) -> None:
        cut = slicer.cut(chunk)
        for ear in ears:
            for spoken in ear.take(cut):
                self._heard(spoken, ear.speaking)

    def _heard(self, spoken: Spoken, speaking: bool) -> None:
        reading = spoken.reading
        self._timeline.speech_windows += 1
        self._timeline.speech.append(reading)
        self._recording.spoken.append(spoken)
        room = self._rooms.get(spoken.speaker)
        heard = SpeechObservation(reading.captured_at, reading, speaking)
        whose = room or self._shared
        outcome = whose.hear(heard, max(self._now, reading.captured_at))
        self._point(whose, outcome, spoken.speaker if room else None)

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
