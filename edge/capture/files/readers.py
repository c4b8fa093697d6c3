"""What a picture, sound or video file holds, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from edge.capture.files.animation import AnimationReader, is_animation
from edge.capture.files.ffmpeg import FfmpegReader
from edge.capture.files.heif import HeifReader, is_heif
from edge.capture.files.libsndfile import LibsndfileReader
from edge.capture.files.stills import StillReader, is_still
from edge.capture.files.tracks import SoundTrack, check_track
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
    def exact(self) -> bool:
        """Whether the duration is written in the file, not guessed from its size."""
        ...

    @property
    def position(self) -> float:
        """Share of the file's bytes that were read up to now (0..1)."""
        ...

    @property
    def has_video(self) -> bool:
        """Whether there are pictures."""
        ...

    @property
    def single_picture(self) -> bool:
        """Whether there is one picture only."""
        ...

    @property
    def fps(self) -> float | None:
        """Frames a second as the file says."""
        ...

    @property
    def sound_track(self) -> SoundTrack | None:
        """The sound that `chunks` gives; None without sound."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know about what is read of the file and what is not."""
        ...

    def frames(
        self, size: Size | None, fps: float | None, damage: Callable[[], None], planar: bool, /
    ) -> Iterator[Frame]:
        """The pictures, with `planar` as planes where the decoder gives such.

        `damage` is called when the file breaks off.
        """
        ...

    def chunks(self, damage: Callable[[], None], channel: Channel, /) -> Iterator[AudioChunk]:
        """The sound, or one channel of it; `damage` is called when the file breaks off."""
        ...


def open_reader(path: Path, track: int | None = None) -> MediaReader:
    """The reader for what the file is by its content: pictures, films and sound, the latter by ffmpeg's
    libraries and by libsndfile what those do not know. `track` chooses the sound, from 1.

    Raises CaptureError for what cannot be read.
    """
    picture = _open_picture(path)
    if picture is not None:
        check_track(path, 0, track)
        return picture
    try:
        return FfmpegReader(path, track)
    except CaptureError as error:
        try:
            reader = LibsndfileReader(path)
        except CaptureError:
            raise error from None
        check_track(path, 1, track)
        return reader


def _open_picture(path: Path) -> MediaReader | None:
    if is_heif(path):
        return HeifReader(path)
    if is_animation(path):
        return AnimationReader(path)
    return StillReader(path) if is_still(path) else None
