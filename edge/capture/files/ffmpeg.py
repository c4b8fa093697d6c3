"""Sound and video files through PyAV, which reads picture and sound by a container each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame

from edge.capture.files.decoding import Damage, Decoder
from edge.capture.files.lengths import stated_length
from edge.capture.files.pictures import MOST_PIXELS
from edge.capture.files.sound import resampled
from edge.capture.files.tracks import SoundTrack, choose_sound, describe_sound, film_tracks
from edge.capture.sound.channels import Channel
from edge.capture.video.converting import converted
from edge.capture.video.pacer import Pacer, every
from edge.capture.video.pixels import Image, Size, fitted, upright
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["FfmpegReader"]

_NOT_MEDIA: Final = frozenset(
    {"tty", "concat", "hls", "dash", "sdp", "image2", "srt", "ass", "webvtt", "lrc"}
)
"""What ffmpeg would make of plain text or of lists of other files."""

_ONE_CORE: Final = 1_000_000
"""Pixels up to which one core decodes a film much faster than it plays; more threads hold more pictures."""
_TILES: Final = 4
"""From so many single pictures of one size on, a file is one picture in tiles."""

_PEEKED: Final = 300
"""Packets in which a second picture is looked for."""


class FfmpegReader:
    """A file with moving pictures, sound, or both; `track` chooses the sound, from 1."""

    def __init__(self, path: Path, track: int | None = None) -> None:
        self._path = path
        self._track = track
        self._size = path.stat().st_size
        self._decoders: tuple[Decoder, ...] = ()
        with _open(path) as container:
            kind = container.format.name
            self._length = stated_length(path, kind)
            self._whole_file = {"ignore_length": "1"} if kind == "wav" and self._length.open_ended else {}
            self._start = (container.start_time or 0) / av.time_base
            films = film_tracks(container)
            sound = choose_sound(path, container, track)
            self.has_video, self.has_audio = bool(films), sound is not None
            self.sound_track: SoundTrack | None = None if sound is None else describe_sound(container, sound)
            self.duration = container.duration / av.time_base if container.duration else None
            self.exact = self._length.exact and not self._length.open_ended
            self.fps: float | None = None
            self.single_picture = False
            if self.has_video:
                self._describe_video(films)
        if not (self.has_video or self.has_audio):
            raise CaptureError(f"{path}: holds neither picture nor sound")

    @property
    def position(self) -> float:
        """Share of the bytes read."""
        return max((decoder.position for decoder in self._decoders), default=0.0)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which of several sounds is read, and pauses that were left silent."""
        track = self.sound_track
        told = []
        if track is not None and track.of > 1:
            told.append(f"{track} was read; choose another by its number")
        if any(decoder.left_out for decoder in self._decoders):
            told.append("the sound has pauses without data (AMR with DTX), which are left silent")
        return tuple(told)

    def _describe_video(self, films: list[Any]) -> None:
        stream = films[0]
        if stream.width * stream.height > MOST_PIXELS:
            raise CaptureError(f"{self._path}: damaged, or larger than {MOST_PIXELS // 10**6} megapixels")
        same = [one for one in films if one.frames == 1 and one.width == stream.width]
        if len(same) >= _TILES:
            raise CaptureError(
                f"{self._path}: a picture made of {len(same)} tiles, which cannot be put together here; "
                "save it as JPEG"
            )
        rate = stream.average_rate or stream.guessed_rate
        self.fps = float(rate) if rate else None
        self.single_picture = stream.frames == 1 or (not stream.frames and self._has_one_picture())
        if self.single_picture and not self.has_audio:
            self.duration = self.fps = None

    def _has_one_picture(self) -> bool:
        """Whether no second picture follows the first within the next packets."""
        found = 0
        with _open(self._path) as container:
            stream = film_tracks(container)[0]
            for packet in islice(container.demux(stream), _PEEKED):
                try:
                    found += len(packet.decode())
                except FFmpegError:
                    continue
                if found > 1:
                    return False
        return found == 1

    def frames(
        self, size: Size | None, fps: float | None, damage: Damage, planar: bool = False
    ) -> Iterator[Frame]:
        """The pictures, upright, in order; those beyond `fps` a second are not even converted."""
        step, period, last = every(self.fps, fps), 1 / (self.fps or 25.0), 0.0
        pacer = Pacer(fps if step is None else 1 / (step * period))
        with _open(self._path) as container:
            stream = film_tracks(container)[0]
            stream.thread_type = "AUTO" if stream.width * stream.height > _ONE_CORE else "NONE"
            aspect = float(stream.sample_aspect_ratio or 1)
            wanted = None if step is None else partial(self._is_due, step)
            for index, frame in enumerate(self._decoder(container, stream, damage, wanted)):
                at = index * period if frame.pts is None else float(frame.time or 0.0) - self._start
                last = max(at, last)
                if pacer.due(last):
                    found = _picture(frame, size, aspect, planar)
                    if found is None:
                        damage()
                    else:
                        yield Frame(found[0], last, found[1])

    def chunks(self, damage: Damage, channel: Channel = "mix") -> Iterator[AudioChunk]:
        """The sound of the chosen track, all its channels or one of them."""
        with _open(self._path, self._whole_file) as container:
            stream = choose_sound(self._path, container, self._track)
            yield from resampled(
                self._path, self._decoder(container, stream, damage), start=self._start, channel=channel
            )

    def _is_due(self, step: int, packet: Any) -> bool:
        """Whether a packet is of a picture that is looked at; one without a time may be."""
        if packet.pts is None or not self.fps:
            return True
        return round((float(packet.pts * packet.time_base) - self._start) * self.fps) % step == 0

    def _decoder(
        self,
        container: InputContainer,
        stream: Any,
        damage: Damage,
        wanted: Callable[[Any], bool] | None = None,
    ) -> Decoder:
        decoder = Decoder(container, stream, damage, self._length, self._size, wanted=wanted)
        self._decoders = (*self._decoders, decoder)
        return decoder


def _picture(frame: VideoFrame, size: Size | None, aspect: float, planar: bool) -> tuple[Image, bool] | None:
    """The picture upright and no larger than `size`, and whether as planes; None: cannot be converted."""
    rotation = frame.rotation
    limit = Size(size.height, size.width) if size and round(rotation / 90) % 2 else size
    to = fitted(frame.width, frame.height, limit, aspect)
    try:
        image, planar = converted(frame, to, planar=planar and not rotation)
    except (ValueError, FFmpegError):
        return None
    return (image, True) if planar else (upright(image, rotation), False)


def _open(path: Path, options: dict[str, str] | None = None) -> InputContainer:
    try:
        container = av.open(
            f"file:{path.absolute()}",
            mode="r",
            options={"protocol_whitelist": "file"} | (options or {}),
            metadata_errors="replace",
        )
    except (FFmpegError, OSError) as error:
        raise CaptureError(_unreadable(path)) from error
    if _NOT_MEDIA & set(container.format.name.split(",")):
        container.close()
        raise CaptureError(_unreadable(path))
    return container


def _unreadable(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:  # it has gone while it was read
        return f"{path}: cannot be opened: {error.strerror}"
    text = bool(head) and b"\0" not in head and head.isascii()
    why = "it is a text file" if text else "it is damaged, incomplete or of an unknown kind"
    return f"{path}: not a picture, sound or video that can be read: {why}"
