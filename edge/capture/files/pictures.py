"""What all files have in common that hold pictures and no sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge.capture.files.tracks import SoundTrack
from edge.vocabulary import AudioChunk

__all__ = ["MOST_PIXELS", "SilentReader"]

MOST_PIXELS: Final = 250_000_000
"""Larger than the largest sensors; beyond are damaged headers, for which nothing is to be reserved."""


class SilentReader:
    """The half of a MediaReader that says: there is no sound, and no length either."""

    duration: float | None = None
    exact = False
    position = 1.0
    has_video = True
    single_picture = True
    fps: float | None = None
    sound_track: SoundTrack | None = None
    notes: tuple[str, ...] = ()

    def chunks(self, *_: object) -> Iterator[AudioChunk]:
        """There are none."""
        return iter(())
