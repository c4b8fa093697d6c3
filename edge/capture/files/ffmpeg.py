"""Sound and video files through PyAV, which reads picture and sound by a container each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame

from edge.capture.sound.channels import Channel, one_channel
from edge.capture.sound.chunker import Chunker
from edge.capture.sound.resample import Resampler, Samples, to_float
from edge.capture.video.pacer import Pacer
from edge.capture.video.pixels import Image, Size, fitted, upright
from edge.errors import CaptureError
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

__all__ = ["Damage", "FfmpegReader"]

_NOT_MEDIA: Final = frozenset(
    {"tty", "concat", "hls", "dash", "sdp", "image2", "srt", "ass", "webvtt", "lrc"}
)
"""What ffmpeg would make of plain text or of lists of other files."""

_GAP: Final = 0.2
"""Seconds of missing sound that set the sound's clock forward."""

Damage = Callable[[], None]


class FfmpegReader:
    """A file with moving pictures, sound, or both."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _open(path) as container:
            self._start = (container.start_time or 0) / av.time_base
            self.has_video = bool(_pictures(container))
            self.has_audio = bool(container.streams.audio)
            self.channels = container.streams.audio[0].codec_context.channels if self.has_audio else 0
            self.duration = container.duration / av.time_base if container.duration else None
            self.fps = None
            if self.has_video:
                self._describe_video(container)
        if not (self.has_video or self.has_audio):
            raise CaptureError(f"{path}: holds neither picture nor sound")

    fps: float | None

    def _describe_video(self, container: InputContainer) -> None:
        stream = _pictures(container)[0]
        rate = stream.average_rate or stream.guessed_rate
        self.fps = float(rate) if rate else None

    def frames(self, size: Size | None, fps: float | None, damage: Damage) -> Iterator[Frame]:
        """The pictures, upright, in order; those beyond `fps` a second are not even converted."""
        pacer, last = Pacer(fps), 0.0
        period = 1 / (self.fps or 25.0)
        with _open(self._path) as container:
            stream = _pictures(container)[0]
            stream.thread_type = "AUTO"
            aspect = float(stream.sample_aspect_ratio or 1)
            for index, frame in enumerate(_decoded(container, stream, damage)):
                at = index * period if frame.pts is None else frame.time - self._start
                last = max(at, last)
                if pacer.due(last):
                    yield Frame(_picture(frame, size, aspect), last)

    def chunks(self, damage: Damage, channel: Channel = "mix") -> Iterator[AudioChunk]:
        """The sound of the first audio stream, all its channels or one of them."""
        with _open(self._path) as container:
            stream = container.streams.audio[0]
            yield from _resampled(_decoded(container, stream, damage), self._start, channel)


def _resampled(frames: Iterator[AudioFrame], start: float, channel: Channel) -> Iterator[AudioChunk]:
    chunker, resampler = Chunker(), Resampler(SAMPLE_RATE)
    rate, expected = 0, 0.0
    for frame in frames:
        if frame.sample_rate != rate:
            rate = frame.sample_rate
            resampler = Resampler(rate)
        at = expected if frame.time is None else frame.time - start
        if at - expected > _GAP:
            yield from chunker.flush()
            chunker, expected = Chunker(at), at
        expected += frame.samples / rate
        yield from chunker.feed(resampler.feed(_samples(frame, channel)))
    yield from chunker.feed(resampler.feed(np.zeros(0, np.float32), last=True))
    yield from chunker.flush()


def _samples(frame: AudioFrame, channel: Channel) -> Samples:
    samples = frame.to_ndarray()
    planes = samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T
    return one_channel(to_float(planes.T), channel)


def _picture(frame: VideoFrame, size: Size | None, aspect: float) -> Image:
    rotation = frame.rotation
    limit = Size(size.height, size.width) if size and round(rotation / 90) % 2 else size
    to = fitted(frame.width, frame.height, limit, aspect)
    image = frame.to_ndarray(format="bgr24", width=to.width, height=to.height)
    return upright(np.asarray(image, dtype=np.uint8), rotation)


def _pictures(container: InputContainer) -> list[Any]:
    """Video streams that are no cover picture of a sound file."""
    return [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]


def _decoded(container: InputContainer, stream: Any, damage: Damage) -> Iterator[Any]:
    """Decoded frames of one stream; broken packets are passed over, a broken file ends the iteration."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            damage()
            return
        if packet is None:
            return
        if packet.is_corrupt:
            damage()
        yield from _frames_of(packet, damage)


def _frames_of(packet: Any, damage: Damage) -> list[Any]:
    try:
        return list(packet.decode())
    except FFmpegError:
        damage()
        return []


def _open(path: Path) -> InputContainer:
    try:
        container = av.open(f"file:{path.absolute()}", mode="r", options={"protocol_whitelist": "file"})
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
