"""A connection to whatever ffmpeg speaks (RTSP, HTTP, UDP …) through PyAV, with time limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import av
from av.container import InputContainer
from av.error import ExitError, FFmpegError

from edge.capture.opening import Patience
from edge.capture.output import Half
from edge.capture.video.uri import VideoSource, mask
from edge.errors import CaptureError

__all__ = ["Connection", "intact", "reason"]

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
_MEDIA: Final[dict[Half, str]] = {"picture": "video", "sound": "audio"}


class Connection:
    """One connection that carries the `wanted` halves; an RTSP server is asked for no others.

    `streams` holds those it has. Raises CaptureError when it cannot be opened or has none of them.
    """

    def __init__(self, source: VideoSource, wanted: tuple[Half, ...], patience: Patience) -> None:
        self._label = source.label
        self._container = _open(source, wanted, patience)
        found: dict[Half, Any] = {}
        for half in wanted:
            streams = [one for one in self._container.streams if _decodable(one, half)]
            if streams:
                found[half] = streams[0]
        self.streams = found
        if not found:
            self.close()
            raise CaptureError(f"{self._label}: the stream has no {' and no '.join(wanted)} that can be read")

    @property
    def recorded(self) -> bool:
        """Whether it is a recording, which comes faster than it was made."""
        return self._container.duration is not None or "hls" in self._container.format.name

    @property
    def detail(self) -> str:
        """Codec, size and rate of what it carries."""
        return ", ".join(_describe(half, stream) for half, stream in self.streams.items())

    def packets(self) -> Iterator[tuple[Half, Any]]:
        """Whatever comes, undecoded. Raises CaptureError when nothing more comes."""
        halves = {stream.index: half for half, stream in self.streams.items()}
        try:
            for packet in self._container.demux(list(self.streams.values())):
                yield halves[packet.stream.index], packet
        except (FFmpegError, OSError) as error:
            raise CaptureError(f"{self._label}: {reason(error)}") from error
        raise CaptureError(f"{self._label}: the stream ended")

    def close(self) -> None:
        """Hang up."""
        self._container.close()


def intact(packet: Any) -> list[Any]:
    """The packet's frames; a damaged packet costs its frames, not the connection."""
    try:
        return list(packet.decode())
    except FFmpegError:
        return []


def reason(error: Exception) -> str:
    """What went wrong, without the address and its credentials."""
    text = getattr(error, "strerror", None) or str(error)
    if isinstance(error, ExitError):
        return "no answer in time"
    return mask(text)[:1].lower() + mask(text)[1:]


def _open(source: VideoSource, wanted: tuple[Half, ...], patience: Patience) -> InputContainer:
    scheme = source.address.partition(":")[0].lower()
    options = _LIVE | _BY_SCHEME.get(scheme, {})
    if scheme.startswith("rtsp"):
        options["allowed_media_types"] = "+".join(_MEDIA[half] for half in wanted)
    try:
        return av.open(
            source.address,
            mode="r",
            options=options,
            timeout=(patience.opening, patience.silence),
            metadata_errors="replace",
        )
    except (FFmpegError, OSError) as error:
        raise CaptureError(f"{source.label}: {reason(error)}") from error


def _decodable(stream: Any, half: Half) -> bool:
    return bool(stream.type == _MEDIA[half] and stream.codec_context is not None)


def _describe(half: Half, stream: Any) -> str:
    codec = stream.codec_context
    if half == "sound":
        return f"{codec.name} {codec.sample_rate} Hz, {codec.channels} ch"
    rate = f" at {float(stream.average_rate):g} fps" if stream.average_rate else ""
    return f"{codec.name} {stream.width}x{stream.height}{rate}"
