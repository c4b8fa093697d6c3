"""What a sound or video file holds, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from edge.capture.files.ffmpeg_file import FfmpegFile
from edge.capture.files.sndfile import SoundFile
from edge.capture.sound.channels import Channel
from edge.capture.video.pixels import Size
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame


class Media(Protocol):
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

    @property
    def frame_count(self) -> int | None:
        """Number of frames as the file says or implies."""
        ...

    def frames(self, size: Size | None, fps: float | None, damage: Callable[[], None], /) -> Iterator[Frame]:
        """The pictures; `damage` is called when the file breaks off."""
        ...

    def chunks(self, damage: Callable[[], None], channel: Channel, /) -> Iterator[AudioChunk]:
        """The sound, or one channel of it; `damage` is called when the file breaks off."""
        ...


def open_media(path: Path) -> Media:
    """Read by ffmpeg's libraries, and by libsndfile what those do not know."""
    try:
        return FfmpegFile(path)
    except CaptureError as error:
        try:
            return SoundFile(path)
        except CaptureError:
            raise error from None
