"""Files: picture, sound, or both in order of presentation on one clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.capture.files.readers import MediaReader, open_reader
from edge.capture.files.tracks import SoundTrack
from edge.capture.sound.channels import Channel
from edge.capture.video.pixels import Size
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["MediaFile"]

_SHORTFALL: Final = 0.9
"""Share of the stated duration (less a second) that must be there for the file to count as whole."""


class MediaFile:
    """A picture, sound or video file.

    Iterating gives frames (at most `fps` a second, at most of `size`) and chunks of 64 ms, `captured_at` in
    seconds from the start; it may be done more than once. Raises CaptureError for what cannot be read;
    a file that breaks off gives what can be decoded, and then `damaged` is true. `track` chooses among
    several sounds, from 1; else it is the one marked as default. With `planar` what is iterated has pictures
    as planes where the decoder gives such, see `Frame`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        pictures: bool = True,
        sound: bool = True,
        size: Size | None = None,
        fps: float | None = None,
        channel: Channel = "mix",
        track: int | None = None,
        planar: bool = False,
    ) -> None:
        self.path = _existing(path)
        self._planar = planar
        self.damaged = False
        self._seen = self._heard = 0.0
        self._any = False
        self._size = size
        self._limit = fps
        self._track = track
        self._channel: Channel = channel
        self._reader: MediaReader = open_reader(self.path, track)
        self.has_video = pictures and self._reader.has_video
        self.has_audio = sound and self._reader.sound_track is not None
        self.single_picture = self._reader.single_picture
        self.is_image = self.single_picture and self._reader.sound_track is None

    def part(self, *, pictures: bool = True, channel: Channel = "mix", fps: float | None = None) -> MediaFile:
        """The same file and track, with or without its pictures, and one channel of its sound."""
        return MediaFile(
            self.path,
            pictures=pictures,
            size=self._size,
            fps=fps or self._limit,
            channel=channel,
            track=self._track,
        )

    @property
    def duration(self) -> float | None:
        """Seconds as the file says or as ffmpeg guesses; None for an image and where nothing is known."""
        return self._reader.duration

    @property
    def fps(self) -> float | None:
        """Frames a second as the file says; None for images and sound."""
        return self._reader.fps

    @property
    def channels(self) -> int:
        """Number of channels of the sound; 0 without sound."""
        track = self.sound_track
        return 0 if track is None else track.channels

    @property
    def sound_track(self) -> SoundTrack | None:
        """The sound that is read; None without sound."""
        return self._reader.sound_track if self.has_audio else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know about what is read of this file and what is not."""
        return self._reader.notes

    @property
    def length(self) -> float:
        """Seconds that were read up to now."""
        return max(self._seen, self._heard)

    @property
    def progress(self) -> float:
        """Share of the file that was read up to now (0..1)."""
        if self._reader.exact and self.duration:
            return min((self._seen if self.has_video else self._heard) / self.duration, 1.0)
        return self._reader.position

    def __iter__(self) -> Iterator[Frame | AudioChunk]:
        """Frames and chunks in order of presentation."""
        self.damaged = False
        self._seen, self._heard, self._any = 0.0, 0.0, False
        both: list[Iterator[Frame | AudioChunk]] = [self.frames(planar=self._planar), self.chunks()]
        yield from heapq.merge(*both, key=lambda item: item.captured_at)
        self.conclude()

    def frames(self, *, planar: bool = False) -> Iterator[Frame]:
        """The pictures alone; a thread may read them and another the sound. Call `conclude` after both.

        `planar`: as planes where the decoder gives such, see `Frame`.
        """
        if not self.has_video:
            return
        period = 0.0 if self.is_image else 1 / min(self.fps or 25.0, self._limit or 1e9)
        most = self.duration if self._reader.exact and self.duration else float("inf")
        for frame in self._reader.frames(self._size, self._limit, self._damage, planar):
            self._any = True
            self._seen = max(self._seen, frame.captured_at, min(frame.captured_at + period, most))
            yield frame

    def chunks(self) -> Iterator[AudioChunk]:
        """The sound alone."""
        if not self.has_audio:
            return
        for chunk in self._reader.chunks(self._damage, self._channel):
            self._any = True
            self._heard = max(self._heard, chunk.captured_at)
            yield chunk

    def conclude(self) -> None:
        """All was read: find out whether the file breaks off. Raises CaptureError when nothing came."""
        if not self._any:
            raise CaptureError(f"{self.path}: nothing in it can be decoded; is the file complete?")
        if self._reader.exact and self.length < _SHORTFALL * (self.duration or 0.0) - 1.0:
            self.damaged = True

    def _damage(self) -> None:
        self.damaged = True


def _existing(path: str | Path) -> Path:
    path = Path(str(path).removeprefix("file://")).expanduser()
    try:
        if path.is_dir():
            raise CaptureError(f"{path}: is a folder; name a file")
        size = path.stat().st_size
        if path.is_file():
            path.open("rb").close()
    except FileNotFoundError:
        raise CaptureError(f"{path}: no such file") from None
    except OSError as error:
        raise CaptureError(f"{path}: cannot be opened: {error.strerror}") from error
    if not path.is_file():
        raise CaptureError(f"{path}: is a device or a pipe; name a file")
    if not size:
        raise CaptureError(f"{path}: the file is empty (0 bytes)")
    return path
