"""Pictures, sound or both of one address, over one connection; reopened for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.network.clock import MediaClock
from edge.capture.network.connection import Connection
from edge.capture.network.decoders import HalfDecoder, PictureDecoder, SoundDecoder
from edge.capture.opening import Opening, Patience
from edge.capture.output import Half, Output
from edge.capture.shared import Player
from edge.capture.status import State
from edge.capture.video.uri import VideoSource
from edge.config.models import CameraConfig
from edge.errors import CaptureError
from edge.supervision import no_beat
from edge.vocabulary import AudioChunk, Frame

__all__ = ["NetworkStream"]

_NO_SOUND: Final = 15.0
"""Seconds without sound after which it counts as missing; some cameras send none while it is quiet."""


@dataclass(slots=True)
class _Track:
    """One half of the open connection; `came_at` is when it last gave something, or was last not wanted."""

    half: Half
    output: Output[Any]
    decoder: HalfDecoder
    came_at: float
    paused: bool = False


class NetworkStream(Player):
    """A stream from the network. Without `frames` or `chunks` that half is not asked for.

    A half whose output is switched off is neither decoded nor kept, while the other goes on. A recording
    behind an address is played at its own speed. `limits` bounds size and rate of the pictures.
    """

    def __init__(
        self,
        *,
        source: VideoSource,
        limits: CameraConfig,
        frames: Mailbox[Frame] | None = None,
        chunks: BoundedQueue[AudioChunk] | None = None,
        clock: Callable[[], float] = time.monotonic,
        picture_heartbeat: Callable[[], None] = no_beat,
        sound_heartbeat: Callable[[], None] = no_beat,
        jitter: Callable[[], float] = random.random,
        patience: Patience | None = None,
        name: str = "stream",
    ) -> None:
        self._source = source
        self._limits = limits
        self._patience = patience or Patience()
        self._missing: frozenset[Half] = frozenset()
        self._tracks: dict[Half, _Track] = {}
        super().__init__(
            name=name,
            label=source.label,
            pictures=Output(frames, picture_heartbeat),
            sound=Output(chunks, sound_heartbeat),
            clock=clock,
            patience=self._patience,
            jitter=jitter,
        )

    def trouble(self, half: Half) -> tuple[State, str] | None:
        """That the stream does not carry this half, or announces it and sends nothing."""
        if self.status().state != "open":
            return None
        if half in self._missing:
            return "ended", f"{self._source.label}: the stream has no {half} that can be read"
        track = self._tracks.get(half)
        if half == "sound" and track and self._clock() - track.came_at > _NO_SOUND:
            return "retrying", "no sound comes, although the stream announces it"
        return None

    def _read(self, opening: Opening) -> None:
        connection = Connection(self._source, self._wanted(), self._patience)
        try:
            self._missing = frozenset(self._wanted()) - frozenset(connection.streams)
            tracks = self._tracks = {half: self._track(half, connection) for half in connection.streams}
            opening.opened(connection.detail)
            times = MediaClock(recorded=connection.recorded)
            for half, packet in connection.packets():
                if opening.cancelled:
                    return
                opening.alive(0)
                self._check_silence(tracks)
                self._take(tracks[half], packet, opening, times)
        finally:
            connection.close()

    def _track(self, half: Half, connection: Connection) -> _Track:
        label, stream = self._source.label, connection.streams[half]
        decoder: HalfDecoder = (
            PictureDecoder(label, stream, self._limits, self._patience.silence)
            if half == "picture"
            else SoundDecoder(label, stream)
        )
        return _Track(half, self.output(half), decoder, self._clock())

    def _check_silence(self, tracks: dict[Half, _Track]) -> None:
        """Raises CaptureError when no picture comes, or nothing that is switched on."""
        now = self._clock()
        silent: list[Half] = []
        for half, track in tracks.items():
            if not track.output.on:
                track.came_at, track.paused = now, True
            elif now - track.came_at > self._patience.silence:
                silent.append(half)
        on = [half for half, track in tracks.items() if track.output.on]
        if silent and ("picture" in silent or silent == on):
            raise CaptureError(f"{self._source.label}: no {silent[0]} came for {self._patience.silence:g} s")

    def _take(self, track: _Track, packet: Any, opening: Opening, times: MediaClock) -> None:
        """Decode and hand on what the packet holds, unless this half is switched off."""
        if not track.output.on:
            return
        track.came_at = self._clock()
        if track.paused:
            track.decoder.resume()
            track.paused = False
        for media, item in track.decoder.decode(packet):
            if (ahead := times.ahead(media, self._clock())) and opening.wait(ahead):
                return
            at = times.at(track.half, media, self._clock())
            ready = track.decoder.convert(item)
            if ready is None or opening.cancelled:
                continue
            track.output.put(replace(ready, captured_at=at), at)
            opening.alive()
