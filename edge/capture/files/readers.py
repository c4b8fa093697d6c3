"""What a sound or video file holds, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from edge.capture.files.ffmpeg import FfmpegReader
from edge.capture.files.libsndfile import LibsndfileReader
from edge.capture.sound.channels import Channel
from edge.capture.video.pixels import Size
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["MediaReader", "open_reader"]


class MediaReader(Protocol):
    """A file opened for reading; `frames` and `chunks` each read it from the start."""

    @property
    def duration(self) -> float | None:
        """Seconds, as far as the file says."""
        ...

    @property
    def has_video(self) -> bool:
        """Whether there are moving pictures."""
        ...

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        ...

    @property
    def channels(self) -> int:
        """Number of channels of the sound; 0 without sound."""
        ...

    @property
    def fps(self) -> float | None:
        """Frames a second as the file says."""
        ...

    def frames(self, size: Size | None, fps: float | None, damage: Callable[[], None], /) -> Iterator[Frame]:
        """The pictures; `damage` is called when the file breaks off."""
        ...

    def chunks(self, damage: Callable[[], None], channel: Channel, /) -> Iterator[AudioChunk]:
        """The sound, or one channel of it; `damage` is called when the file breaks off."""
        ...


def open_reader(path: Path) -> MediaReader:
    """Read by ffmpeg's libraries, and by libsndfile what those do not know."""
    try:
        return FfmpegReader(path)
    except CaptureError as error:
        try:
            return LibsndfileReader(path)
        except CaptureError:
            raise error from None
