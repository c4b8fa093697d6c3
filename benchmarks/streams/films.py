"""Films of neutral people who talk, looked at as the camera is, one visit after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.perception.face import FacePipeline
from edge.perception.observation import FaceObservation
from edge.vocabulary import Frame

__all__ = ["films"]

_APART: Final = 7.0
"""Seconds between two films: whoever comes is somebody else."""


def films(paths: Sequence[Path], config: Config) -> tuple[list[FaceObservation], float]:
    """Every observation of all films at the camera's rate, one after the other, and their minutes."""
    found: list[FaceObservation] = []
    start, minutes = 0.0, 0.0
    for number, path in enumerate(paths, 1):
        with FacePipeline.open(config, clock=lambda: 0.0) as pipeline:
            seen = [pipeline.process(frame) for frame in _pictures(path, config.camera.fps)]
        found += [_moved(one, start, number * 1000) for one in seen]
        minutes += seen[-1].captured_at / 60 if seen else 0.0
        start = (found[-1].captured_at if found else start) + _APART
        found.append(FaceObservation(start))
    return found, minutes


def _pictures(path: Path, fps: float) -> list[Frame]:
    """At most so many a second, in order."""
    frames, due = [], 0.0
    for item in MediaFile(path).part():
        if isinstance(item, Frame) and item.captured_at >= due:
            frames.append(replace(item, image=item.image.copy()))
            due = max(due + 1 / fps, item.captured_at)
    return frames


def _moved(seen: FaceObservation, by: float, tracks: int) -> FaceObservation:
    at = seen.captured_at + by
    readings = tuple(
        replace(one, captured_at=at, track=None if one.track is None else one.track + tracks)
        for one in seen.readings
    )
    detected = tuple(replace(one, track=one.track + tracks) for one in seen.detected)
    subject = next((one for one in readings if seen.subject and one.box == seen.subject.box), None)
    return replace(seen, captured_at=at, readings=readings, subject=subject, detected=detected)
