"""Packets of one stream decoded one after the other; what is damaged is told and passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import av
from av.container import InputContainer
from av.error import FFmpegError

from edge.capture.files.lengths import StatedLength

__all__ = ["Damage", "Decoder"]

Damage = Callable[[], None]

_PAUSES: Final = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
"""Telephone recordings leave out their pauses (DTX), which ffmpeg's own decoders take for errors."""

_FIRST_PAUSE_TYPE: Final = 8
"""AMR's frame types from here on carry comfort noise or nothing."""


class Decoder:
    """Iterating gives the decoded frames of `stream`; broken packets are passed over, a broken file ends it.

    `damage` is called for each fault. `position` is the share of the file's bytes read, `left_out` says
    whether pauses were left silent because no decoder here knows them. Pictures on which no other depends are
    not decoded of packets that are not `wanted`.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: Any,
        damage: Damage,
        length: StatedLength,
        size: int,
        *,
        wanted: Callable[[Any], bool] | None = None,
    ) -> None:
        self._wanted, self._context, self._skipping = wanted, stream.codec_context, False
        self._packets = container.demux(stream)
        self._codec = _codec(stream)
        self._telephone = stream.codec_context.name in _PAUSES
        self._damage = damage
        self._length = length
        self._size = max(size, 1)
        self.position = 0.0
        self.left_out = False

    def __iter__(self) -> Iterator[Any]:
        corrupt = False
        while (packet := self._next()) is not None:
            if corrupt and packet.size:
                self._damage()
            corrupt = corrupt if not packet.size else bool(packet.is_corrupt)
            if packet.pos:
                self.position = min(1.0, packet.pos / self._size)
            yield from self._frames(packet)
        # A last packet that is not full is usual where the file's end is the sound's.
        if self._length.whole is False or (corrupt and self._length.whole is None):
            self._damage()

    def _next(self) -> Any | None:
        try:
            return next(self._packets, None)
        except FFmpegError:
            self._damage()
            return None

    def _frames(self, packet: Any) -> list[Any]:
        if self._wanted is not None and self._skipping == self._wanted(packet):
            self._skipping = not self._skipping
            self._context.skip_frame = "NONREF" if self._skipping else "DEFAULT"
        try:
            return list(packet.decode() if self._codec is None else self._codec.decode(packet))
        except FFmpegError:
            if self._telephone and _is_pause(packet):
                self.left_out = True
            elif not (packet.is_corrupt and self._length.whole):
                self._damage()
            return []


def _codec(stream: Any) -> Any | None:
    """A decoder that knows pauses where the stream may have them; None: the stream's own."""
    try:
        return av.CodecContext.create(_PAUSES[stream.codec_context.name], "r")
    except (KeyError, ValueError, FFmpegError):
        return None


def _is_pause(packet: Any) -> bool:
    return bool(packet.size) and bytes(packet)[0] >> 3 & 15 >= _FIRST_PAUSE_TYPE
