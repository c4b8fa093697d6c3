"""Files: picture, sound, or both in order of presentation on one clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.capture.files.readers import MediaReader, open_reader
from edge.capture.files.stills import is_still, read_still
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
    a file that breaks off gives what can be decoded, and then `damaged` is true.
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
    ) -> None:
        self.path = _existing(path)
        self.damaged = False
        self._size = size
        self._limit = fps
        self._channel: Channel = channel
        self.is_image = is_still(self.path)
        self._media = None if self.is_image else open_reader(self.path)
        self.has_video = pictures and (self.is_image or self._described.has_video)
        self.has_audio = sound and not self.is_image and self._described.has_audio

    @property
    def _described(self) -> MediaReader:
        assert self._media is not None
        return self._media

    @property
    def duration(self) -> float | None:
        """Seconds, as far as the file says; None for an image."""
        return self._media.duration if self._media else None

    @property
    def fps(self) -> float | None:
        """Frames a second as the file says; None for images and sound."""
        return self._media.fps if self._media else None

    @property
    def channels(self) -> int:
        """Number of channels of the sound; 0 without sound."""
        return self._media.channels if self._media and self.has_audio else 0

    def __iter__(self) -> Iterator[Frame | AudioChunk]:
        """Frames and chunks in order of presentation."""
        self.damaged = False
        if self.is_image:
            yield Frame(read_still(self.path, self._size), 0.0)
            return
        last: float | None = None
        for item in heapq.merge(self._frames(), self._chunks(), key=lambda item: item.captured_at):
            last = item.captured_at
            yield item
        if last is None:
            raise CaptureError(f"{self.path}: nothing in it can be decoded; is the file complete?")
        if self.duration is not None and last < _SHORTFALL * self.duration - 1.0:
            self.damaged = True

    def _frames(self) -> Iterator[Frame | AudioChunk]:
        if self.has_video:
            yield from self._described.frames(self._size, self._limit, self._damage)

    def _chunks(self) -> Iterator[Frame | AudioChunk]:
        if self.has_audio:
            yield from self._described.chunks(self._damage, self._channel)

    def _damage(self) -> None:
        self.damaged = True


def _existing(path: str | Path) -> Path:
    text = str(path)
    path = Path(text.removeprefix("file://")).expanduser()
    try:
        text.encode()  # the libraries behind, OpenCV above all, take nothing else
    except UnicodeEncodeError:
        raise CaptureError(f"{text!a}: the name is not valid UTF-8; rename the file") from None
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
