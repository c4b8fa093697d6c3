"""The microphone: PortAudio's callback fills a backlog, a thread resamples it; reopened for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from edge.capture.mailbox import BoundedQueue
from edge.capture.opening import Opening, Patience
from edge.capture.sound.mono import Downmix
from edge.capture.sound.portaudio import (
    InputStream,
    choose_input,
    close,
    is_active,
    open_stream,
    portaudio,
    sound_inputs,
)
from edge.capture.sound.resample import Resampler, Samples
from edge.capture.source import SupervisedSource
from edge.config.models import MicrophoneConfig
from edge.errors import CaptureError
from edge.supervision import no_beat
from edge.vocabulary import AudioChunk

__all__ = ["Microphone", "Raw", "mixed"]

_BUFFER: Final = 0.032
"""Seconds of sound a callback carries."""

_CONTINUE: Final = 0
"""PortAudio's paContinue."""

_PATIENCE: Final = Patience(opening=15.0, silence=3.0, abandoned=0)
"""PortAudio cannot be opened anew while an earlier opening hangs."""

Raw = BoundedQueue[tuple[bytes, float]]


class Microphone(SupervisedSource):
    """Delivers sound of an input device as 16 kHz mono chunks.

    `config.source` is `auto`, an index, or a name or part of one. Whatever happens is shown by `status` and
    tried again.
    """

    def __init__(
        self,
        *,
        config: MicrophoneConfig,
        chunks: BoundedQueue[AudioChunk],
        clock: Callable[[], float] = time.monotonic,
        heartbeat: Callable[[], None] = no_beat,
        jitter: Callable[[], float] = random.random,
        patience: Patience | None = None,
    ) -> None:
        self._source = config.source
        self._chunks = chunks
        self._lost = 0
        super().__init__(
            name="microphone",
            label=config.source,
            receivers=[chunks],
            clock=clock,
            heartbeat=heartbeat,
            patience=patience or _PATIENCE,
            jitter=jitter,
        )

    def _dropped(self) -> int:
        return super()._dropped() + self._lost

    def _read(self, opening: Opening) -> None:
        raw: Raw = BoundedQueue(limit=round(2.0 / _BUFFER))

        def callback(data: bytes, _count: int, _times: Any, _flags: int) -> tuple[None, int]:
            raw.put((data, self._clock()))
            return None, _CONTINUE

        with portaudio() as audio:
            device = choose_input(self._source, sound_inputs(audio))
            stream = open_stream(audio, device, callback, _BUFFER)
            try:
                opening.opened(f'"{stream.name}", {stream.rate} Hz, {stream.channels} ch')
                self._pump(opening, stream, raw)
            finally:
                close(stream)
                self._lost += raw.dropped

    def _pump(self, opening: Opening, stream: InputStream, raw: Raw) -> None:
        resampler, mix = Resampler(stream.rate), Downmix()
        while not opening.cancelled:
            item = raw.get(0.1)
            if item is None and not is_active(stream):
                raise CaptureError(f'"{stream.name}" stopped delivering; is it still plugged in?')
            if item is not None and not opening.cancelled:
                self._deliver(opening, resampler, mixed(item[0], stream.channels, mix), item[1])

    def _deliver(self, opening: Opening, resampler: Resampler, sound: Samples, at: float) -> None:
        samples = resampler.feed(sound)
        if len(samples):
            self._chunks.put(AudioChunk(samples, at - resampler.pending))
        opening.alive(1 if len(samples) else 0)


def mixed(data: bytes, channels: int, mix: Downmix) -> Samples:
    """Interleaved float32 as mono: the mix of two channels, the first of more.

    Microphone arrays put the processed signal into their first channel, and some a loopback into their last.
    """
    samples = np.frombuffer(data, np.float32).reshape(-1, channels)
    return samples[:, 0] if channels > 2 else mix(samples)
