"""Reading one file with the daemon's own pipelines, on the file's own clock: heard whole, then judged."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge.analysis.channels import Channels, perhaps_two, unheard
from edge.analysis.conversation import interruptions
from edge.analysis.judges import Judges
from edge.analysis.judging import Judge
from edge.analysis.listening import Listened, listen
from edge.analysis.models import models_in_use
from edge.analysis.moments import in_faces, in_speech, most_telling
from edge.analysis.packed import FaceReadings, FusedPoints
from edge.analysis.people import people
from edge.analysis.photograph import for_photograph
from edge.analysis.prefetch import prefetch
from edge.analysis.reading import Parts
from edge.analysis.recording import Recording
from edge.analysis.speakers import describe
from edge.analysis.speaking import Said, open_ears, said
from edge.analysis.timeline import Timeline
from edge.analysis.watching import Seen, observed, watch
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM

__all__ = ["analyze"]

_MOST_THREADS: Final = 4
_LISTENING: Final = 0.1
"""Share of the work that the first pass is."""
_AHEAD: Final = 64
"""Looks and windows that wait to be judged; of a look no more than its faces' small crops."""


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
    `threads` is the number that judge at a time, None for all cores; `progress` is called with the share done
    (0..1). Raises CaptureError when the file cannot be read or has no such track or channel, ModelError and
    EngineError when the models cannot be used.
    """
    config, workers = _alone(config, threads)
    clip = MediaFile(path, track=track, fps=config.camera.fps)
    if clip.is_image:
        config = for_photograph(config)
    faces = FaceReadings()
    recording = Recording(
        Timeline(str(path), sound_track=clip.sound_track, face=faces, fused=FusedPoints()),
        options={
            "channels": channels,
            "speakers": speakers,
            "track": track,
            "baseline": config.fusion.baseline_neutral if config.fusion.baseline else None,
        },
        models=models_in_use(config, pictures=clip.has_video, sound=clip.has_audio, voices=speakers == 2),
    )
    with ExitStack() as stack:
        looks = stack.enter_context(prefetch(watch(clip, config), ahead=_AHEAD)) if clip.has_video else None
        listened = listen(
            clip, channels, config, speakers=speakers, progress=lambda share: progress(_LISTENING * share)
        )
        parts = Parts(clip, tuple(dict.fromkeys(listened.channels)))
        streams: list[Iterable[Seen | Said]] = list(_sounds(stack, parts, listened, config, workers))
        if looks is not None:
            judges = Judges("face", config=config, item=FACE_ITEM, workers=workers)
            streams.append(observed(looks, stack.enter_context(judges)))
        judge = Judge(clip, config, listened, recording)
        for item in heapq.merge(*streams, key=lambda one: one.at):
            judge.take(item)
            progress(_LISTENING + (1 - _LISTENING) * parts.progress)
        judge.finish()
        parts.conclude()
        timeline = recording.timeline
        told = unheard(channels, clip.channels, film=clip.has_video)
        timeline.damaged, timeline.notes = parts.damaged, (*parts.notes, *told)
        timeline.duration = None if clip.is_image else parts.length
    _conclude(recording, faces, config, listened)
    progress(1.0)
    return recording


def _sounds(
    stack: ExitStack, parts: Parts, listened: Listened, config: Config, workers: int
) -> Iterator[Iterable[Said]]:
    ears = open_ears(listened, config.microphone.vad)
    if not ears:
        return
    judges = stack.enter_context(Judges("speech", config=config, item=SPEECH_ITEM, workers=workers))
    for channel, some in ears.items():
        yield stack.enter_context(prefetch(said(parts.sounds[channel].chunks(), some, judges), ahead=_AHEAD))


def _conclude(recording: Recording, faces: FaceReadings, config: Config, listened: Listened) -> None:
    timeline = recording.timeline
    until = max(listened.until, timeline.duration or 0.0)
    recording.people = people(faces, config.smoothing, 1 / config.camera.fps)
    recording.speakers = describe(listened.voices, listened.turns, recording.spoken, config.smoothing, until)
    moments = in_speech(listened.voices, recording.speakers, interruptions(listened.turns), until)
    if timeline.duration is not None:
        moments += [one for person in recording.people for one in in_faces(person.number, person.spans)]
    recording.moments = most_telling(moments)
    if listened.channels == ("mix",) and recording.options["speakers"] == 1 and not timeline.frames_read:
        (one,) = recording.speakers
        timeline.notes += perhaps_two(one.talk, one.bandwidth)


def _alone(config: Config, threads: int | None) -> tuple[Config, int]:
    """Nobody shares the machine with an analysis as with the daemon: if not told, a thread a core.

    Each of them has a batch of its own, so that a model needs no more than one.
    """
    workers = threads or max(config.engines.threads, min(_MOST_THREADS, os.cpu_count() or 1))
    engines = config.engines.model_copy(update={"threads": 1})
    return config.model_copy(update={"engines": engines}), workers
