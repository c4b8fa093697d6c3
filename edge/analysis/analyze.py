"""Reading one file with the daemon's own pipelines, on the file's own clock: heard whole, then judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge.analysis.channels import Channels
from edge.analysis.conversation import interruptions
from edge.analysis.judging import Judge
from edge.analysis.listening import Listened, listen
from edge.analysis.models import models_in_use
from edge.analysis.moments import in_faces, in_speech, most_telling
from edge.analysis.packed import FaceReadings, FusedPoints
from edge.analysis.people import people
from edge.analysis.prefetch import prefetch
from edge.analysis.reading import items
from edge.analysis.recording import Recording
from edge.analysis.speakers import describe
from edge.analysis.timeline import Timeline
from edge.capture.files.media_file import MediaFile
from edge.config import Config

__all__ = ["analyze"]

_MOST_THREADS: Final = 4
_LISTENING: Final = 0.1
"""Share of the work that the first pass is."""


def analyze(
    path: Path,
    config: Config,
    *,
    channels: Channels = "auto",
    threads: int | None = None,
    track: int | None = None,
    speakers: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> Recording:
    """Everything that can be read from an image, sound or video.

    `track` chooses among several sounds, from 1; with `speakers` 2, who share one channel are told apart;
    `threads` is the number that each model may use, None for
    all cores; `progress` is called with the share done (0..1). Raises CaptureError when the file cannot be
    read or has no such track or channel, ModelError and EngineError when the models cannot be used.
    """
    clip = MediaFile(path, track=track)
    config = _at_the_pace_of(clip, _with_threads(config, threads))
    listened = listen(
        clip, channels, config, speakers=speakers, progress=lambda share: progress(_LISTENING * share)
    )
    faces = FaceReadings()
    recording = Recording(
        Timeline(str(path), sound_track=clip.sound_track, face=faces, fused=FusedPoints()),
        options={"channels": channels, "speakers": speakers, "track": track},
        models=models_in_use(
            config, pictures=clip.has_video, sound=bool(listened.voices), voices=speakers == 2
        ),
    )
    with ExitStack() as stack:
        judge = Judge(stack, clip, config, listened, recording)
        reading = items(clip, tuple(dict.fromkeys(listened.channels)) or ("mix",))
        for channel, item in stack.enter_context(prefetch(reading)):
            judge.take(channel, item)
            progress(_LISTENING + (1 - _LISTENING) * reading.progress)
        timeline = recording.timeline
        timeline.damaged, timeline.notes = reading.damaged, reading.notes
        timeline.duration = None if clip.is_image else reading.length
    _conclude(recording, faces, config, listened)
    progress(1.0)
    return recording


def _conclude(recording: Recording, faces: FaceReadings, config: Config, listened: Listened) -> None:
    timeline = recording.timeline
    until = max(listened.until, timeline.duration or 0.0)
    recording.people = people(faces, config.smoothing, 1 / config.camera.fps)
    recording.speakers = describe(listened.voices, listened.turns, recording.spoken, config.smoothing, until)
    moments = in_speech(listened.voices, recording.speakers, interruptions(listened.turns), until)
    if timeline.duration is not None:
        moments += [one for person in recording.people for one in in_faces(person.number, person.spans)]
    recording.moments = most_telling(moments)


def _with_threads(config: Config, threads: int | None) -> Config:
    """Nobody shares the machine with an analysis as with the daemon: if not told, a thread a core."""
    if threads is None:
        threads = max(config.engines.threads, min(_MOST_THREADS, os.cpu_count() or 1))
    return config.model_copy(update={"engines": config.engines.model_copy(update={"threads": threads})})


def _at_the_pace_of(clip: MediaFile, config: Config) -> Config:
    """Look for faces as often in a second of the file as the daemon does in a second of the camera."""
    detector = config.camera.detector
    every = max(detector.every, round(detector.every * (clip.fps or 0.0) / config.camera.fps))
    camera = config.camera.model_copy(update={"detector": detector.model_copy(update={"every": every})})
    return config.model_copy(update={"camera": camera})
