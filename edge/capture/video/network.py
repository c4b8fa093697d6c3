"""Network cameras (RTSP, HTTP, UDP and whatever else ffmpeg speaks) through PyAV, with time limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.error import ExitError, FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.capture.opening import Patience
from edge.capture.video.pacer import Pacer
from edge.capture.video.pixels import Image, Size, fitted
from edge.capture.video.uri import VideoSource, mask
from edge.config.models import CameraConfig
from edge.errors import CaptureError

__all__ = ["NetworkReader", "reason"]

_LIVE: Final = {
    "fflags": "nobuffer",
    "flags": "low_delay",
    "analyzeduration": "2000000",
    "probesize": "1000000",
}
_BY_SCHEME: Final = {
    "rtsp": {"rtsp_transport": "tcp"},
    "rtsps": {"rtsp_transport": "tcp"},
    "udp": {"overrun_nonfatal": "1", "fifo_size": "50000"},
}

_KEY_FRAME: Final = 20.0
"""Seconds without a picture after which a new connection is given up; key frames may be far apart."""


class NetworkReader:
    """One stream. A recording behind a URL is played at its own speed."""

    def __init__(self, source: VideoSource, camera: CameraConfig, patience: Patience) -> None:
        self._label = source.label
        self._silence = patience.silence
        self._picture_at: float | None = None
        self._opened_at = time.monotonic()
        self._limit = Size(camera.width, camera.height)
        self._pacer = Pacer(camera.fps)
        self._container = _open(source, patience)
        self._recorded = self._container.duration is not None or "hls" in self._container.format.name
        self._aspect = float(self._container.streams.video[0].sample_aspect_ratio or 1)
        self._offset: float | None = None
        self._frames = self._decode()

    @property
    def detail(self) -> str:
        """Codec, size and rate of the stream."""
        stream = self._container.streams.video[0]
        rate = f" at {float(stream.average_rate):g} fps" if stream.average_rate else ""
        return f"{stream.codec_context.name} {stream.width}x{stream.height}{rate}"

    def read(self) -> Image | None:
        """The next picture, scaled while it is converted; None for one too many or a damaged one."""
        try:
            frame = next(self._frames)
        except StopIteration:
            raise CaptureError(f"{self._label}: the stream ended") from None
        except (FFmpegError, OSError) as error:
            raise CaptureError(f"{self._label}: {reason(error)}") from error
        if frame is None:
            return None
        if self._recorded:
            self._keep_time(frame)
        return self._picture(frame) if self._pacer.due(time.monotonic()) else None

    def close(self) -> None:
        """Hang up."""
        self._container.close()

    def _decode(self) -> Iterator[VideoFrame | None]:
        """Frames; None for a packet that gives none."""
        stream = self._container.streams.video[0]
        stream.thread_type = "SLICE"
        for packet in self._container.demux(stream):
            frames = _intact(packet)
            now = time.monotonic()
            if frames:
                self._picture_at = now
                yield from frames
            elif self._is_blind(now):
                raise CaptureError(f"{self._label}: the pictures cannot be decoded")
            else:
                yield None

    def _is_blind(self, now: float) -> bool:
        """Whether nothing could be decoded for so long that a new connection is worth a try."""
        if self._picture_at is None:
            return now - self._opened_at > _KEY_FRAME
        return now - self._picture_at > self._silence

    def _picture(self, frame: VideoFrame) -> Image:
        size = fitted(frame.width, frame.height, self._limit, self._aspect)
        try:
            image = frame.to_ndarray(format="bgr24", width=size.width, height=size.height)
        except (ValueError, FFmpegError) as error:
            raise CaptureError(f"{self._label}: {reason(error)}") from error
        return np.asarray(image, dtype=np.uint8)

    def _keep_time(self, frame: VideoFrame) -> None:
        if frame.pts is None:
            return
        now = time.monotonic()
        if self._offset is None or not -1.0 < frame.time + self._offset - now < 10.0:
            self._offset = now - frame.time
        time.sleep(max(0.0, frame.time + self._offset - now))


def _intact(packet: Packet[VideoStream]) -> list[VideoFrame]:
    """The packet's frames; a damaged packet costs its frames, not the connection."""
    try:
        return packet.decode()
    except FFmpegError:
        return []


def _open(source: VideoSource, patience: Patience) -> InputContainer:
    scheme = source.address.partition(":")[0].lower()
    try:
        container = av.open(
            source.address,
            mode="r",
            options=_LIVE | _BY_SCHEME.get(scheme, {}),
            timeout=(patience.opening, patience.silence),
            metadata_errors="replace",
        )
    except (FFmpegError, OSError) as error:
        raise CaptureError(f"{source.label}: {reason(error)}") from error
    if not container.streams.video:
        container.close()
        raise CaptureError(f"{source.label}: the stream has no picture")
    return container


def reason(error: Exception) -> str:
    """What went wrong, without the address and its credentials."""
    text = getattr(error, "strerror", None) or str(error)
    if isinstance(error, ExitError):
        return "no answer in time"
    return mask(text)[:1].lower() + mask(text)[1:]
