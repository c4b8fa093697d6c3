"""Packets of a connection as pictures and as sound."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, Protocol

from av.error import FFmpegError
from av.video.frame import VideoFrame

from edge.capture.files.sound import check_rate, planes
from edge.capture.network.connection import intact, reason
from edge.capture.sound.mono import Downmix
from edge.capture.sound.resample import Resampler, Samples
from edge.capture.video.converting import converted
from edge.capture.video.pacer import Pacer
from edge.capture.video.pixels import Size, fitted
from edge.config.models import CameraConfig
from edge.errors import CaptureError
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

__all__ = ["HalfDecoder", "PictureDecoder", "SoundDecoder"]

_KEY_FRAME: Final = 20.0
"""Seconds without a picture after which a new connection is given up; key frames may be far apart."""


class HalfDecoder(Protocol):
    """Decodes one half of a connection."""

    def decode(self, packet: Any, /) -> Iterator[tuple[float | None, Any]]:
        """Media times (None where unknown) and what is to be converted. Raises CaptureError."""
        ...

    def convert(self, item: Any, /) -> Frame | AudioChunk | None:
        """What is handed on, without its time; None for nothing."""
        ...

    def resume(self) -> None:
        """Packets were left out before the next one."""
        ...


class PictureDecoder:
    """Pictures within the camera's limits; those beyond the wanted rate are not converted."""

    def __init__(self, label: str, stream: Any, camera: CameraConfig, silence: float) -> None:
        self._label = label
        self._codec = stream.codec_context
        self._silence = silence
        self._picture_at: float | None = None
        self._began_at = time.monotonic()
        self._limit = Size(camera.width, camera.height)
        self._pacer = Pacer(camera.fps)
        self._aspect = float(stream.sample_aspect_ratio or 1)
        stream.thread_type = "SLICE"

    def decode(self, packet: Any) -> Iterator[tuple[float | None, VideoFrame]]:
        """Raises CaptureError when nothing could be decoded for so long that it is worth connecting anew."""
        frames, now = intact(packet), time.monotonic()
        if frames:
            self._picture_at = now
        elif self._is_blind(now):
            raise CaptureError(f"{self._label}: the pictures cannot be decoded")
        for frame in frames:
            yield (None if frame.pts is None else frame.time), frame

    def convert(self, frame: VideoFrame) -> Frame | None:
        """Scaled while it is converted, without its time; None for one too many."""
        if not self._pacer.due(time.monotonic()):
            return None
        size = fitted(frame.width, frame.height, self._limit, self._aspect)
        try:
            image, planar = converted(frame, size, planar=True)
        except (ValueError, FFmpegError) as error:
            raise CaptureError(f"{self._label}: {reason(error)}") from error
        return Frame(image, 0.0, planar)

    def resume(self) -> None:
        """Wait for the next key frame instead of patching up old pictures."""
        self._codec.flush_buffers()
        self._picture_at, self._began_at = None, time.monotonic()

    def _is_blind(self, now: float) -> bool:
        if self._picture_at is None:
            return now - self._began_at > _KEY_FRAME
        return now - self._picture_at > self._silence


class SoundDecoder:
    """Sound as 16 kHz mono; a media time is that of its end."""

    def __init__(self, label: str, stream: Any) -> None:
        self._label = label
        self._codec = stream.codec_context
        self._rate = 0
        self._resampler = Resampler(SAMPLE_RATE)
        self._mix = Downmix()

    def decode(self, packet: Any) -> Iterator[tuple[float | None, Samples]]:
        """Raises CaptureError for what is no sound."""
        for frame in intact(packet):
            if frame.sample_rate != self._rate:
                self._rate = check_rate(self._label, frame.sample_rate)
                self._resampler = Resampler(self._rate)
            samples = self._resampler.feed(self._mix(planes(self._label, frame)))
            if len(samples):
                end = frame.samples / self._rate - self._resampler.pending
                yield (None if frame.pts is None else frame.time + end), samples

    def convert(self, samples: Samples) -> AudioChunk:
        """As they are, without their time."""
        return AudioChunk(samples, 0.0)

    def resume(self) -> None:
        """Let nothing of before the pause into what comes now."""
        self._codec.flush_buffers()
        self._rate, self._mix = 0, Downmix()
