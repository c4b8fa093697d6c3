"""Reading one file from beginning to end with the daemon's own pipelines, on the file's own clock."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge.analysis.prefetch import prefetch
from edge.analysis.timeline import FusedPoint, Timeline
from edge.capture.files.media_file import MediaFile
from edge.capture.video.pacer import Pacer
from edge.config import Config
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.mood.pooling import FusionParameters
from edge.mood.room import FaceSeen, Outcome, Room, SpeechHeard
from edge.perception.face import FacePipeline
from edge.perception.speech import SpeechPipeline
from edge.perception.tracker import HITS
from edge.vocabulary import LABELS, NONE, AudioChunk, Frame

__all__ = ["Analyzer", "analyze"]

_MOST_THREADS: Final = 4


def analyze(path: Path, config: Config, *, progress: Callable[[float], None] = lambda _: None) -> Timeline:
    """Everything that can be read from an image, sound or video.

    `progress` is called with the share done (0..1). Raises CaptureError when the file cannot be read,
    ModelError and EngineError when the models cannot be used.
    """
    clip = MediaFile(path)
    config = _at_the_pace_of(clip, _with_all_cores(config))
    parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)
    with ExitStack() as stack:
        analyzer = Analyzer(stack, path, clip, config, parameters)
        for item in stack.enter_context(prefetch(clip)):
            analyzer.take(item)
            if clip.duration:
                progress(min(item.captured_at / clip.duration, 1.0))
        progress(1.0)
        analyzer.timeline.damaged = clip.damaged
        return analyzer.timeline


class Analyzer:
    """Feeds frames and sound to the pipelines and keeps the timeline.

    Faces are looked for in every frame and judged `camera.fps` times a second, as by the daemon.
    """

    def __init__(
        self, stack: ExitStack, path: Path, clip: MediaFile, config: Config, parameters: FusionParameters
    ) -> None:
        self.timeline = Timeline(str(path), duration=clip.duration)
        self._still = clip.is_image
        self._room = Room(config=config, parameters=parameters, now=0.0)
        self._now = 0.0
        self._pacer = Pacer(config.camera.fps)
        self._face = (
            stack.enter_context(
                FacePipeline.open(config, clock=self._clock, confirm=1 if clip.is_image else HITS)
            )
            if clip.has_video
            else None
        )
        self._speech = (
            stack.enter_context(SpeechPipeline.open(config, clock=self._clock)) if clip.has_audio else None
        )

    def _clock(self) -> float:
        return self._now

    def take(self, item: Frame | AudioChunk) -> None:
        """Work on one frame or stretch of sound."""
        self._now = item.captured_at
        if isinstance(item, Frame):
            self._frame(item)
        else:
            self._chunk(item)

    def _frame(self, frame: Frame) -> None:
        assert self._face is not None
        result = self._face.process(frame, judge=self._pacer.due(frame.captured_at))
        self.timeline.frames_read += 1
        self.timeline.frames_with_face += result.faces > 0
        if result.subject is not None:
            self.timeline.face.append(result.subject)
        seen = FaceSeen(result.readings, result.subject, result.present, frame.captured_at)
        self._point(self._room.see(seen, frame.captured_at))

    def _chunk(self, chunk: AudioChunk) -> None:
        assert self._speech is not None
        for reading in self._speech.process(chunk):
            self.timeline.speech_windows += 1
            self.timeline.speech.append(reading)
            heard = SpeechHeard(reading, self._speech.speaking, reading.captured_at)
            self._point(self._room.hear(heard, max(self._now, reading.captured_at)))

    def _point(self, outcome: Outcome) -> None:
        fused = outcome.fused
        if fused is not None:
            self.timeline.fused.append(
                self._still_point(outcome) if self._still else self._steady_point(outcome)
            )
        elif outcome.mood is not None:
            mood = outcome.mood
            self.timeline.fused.append(
                FusedPoint(self._now, mood.emotion, mood.confidence, mood.probabilities, ())
            )

    def _still_point(self, outcome: Outcome) -> FusedPoint:
        """A single picture has no past: its own most probable emotion stands."""
        assert outcome.fused is not None
        fused = outcome.fused
        return FusedPoint(self._now, fused.emotion, fused.confidence, fused.probabilities, fused.sources)

    def _steady_point(self, outcome: Outcome) -> FusedPoint:
        assert outcome.fused is not None
        emotion, steadied = self._room.mood.emotion, self._room.probabilities
        confidence = 0.0 if emotion == NONE else float(steadied[LABELS.index(emotion)])
        return FusedPoint(self._now, emotion, confidence, steadied, outcome.fused.sources)


def _with_all_cores(config: Config) -> Config:
    """Nobody shares the machine with an analysis as with the daemon: at least one thread a core."""
    threads = max(config.engines.threads, min(_MOST_THREADS, os.cpu_count() or 1))
    return config.model_copy(update={"engines": config.engines.model_copy(update={"threads": threads})})


def _at_the_pace_of(clip: MediaFile, config: Config) -> Config:
    """Look for faces as often in a second of the file as the daemon does in a second of the camera."""
    detector = config.camera.detector
    every = max(detector.every, round(detector.every * (clip.fps or 0.0) / config.camera.fps))
    camera = config.camera.model_copy(update={"detector": detector.model_copy(update={"every": every})})
    return config.model_copy(update={"camera": camera})
