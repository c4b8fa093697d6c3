"""Decoded sound of any kind as chunks of 16 kHz mono on the file's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from av.audio.frame import AudioFrame

from edge.capture.sound.channels import Channel, one_channel
from edge.capture.sound.chunker import Chunker
from edge.capture.sound.resample import Resampler, Samples, to_float
from edge.errors import CaptureError
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["check_rate", "planes", "resampled"]

_GAP: Final = 0.2
"""Seconds of missing sound that set the sound's clock forward."""

_RATES: Final = (2_000, 1_000_000)
"""Samples a second; outside are damaged headers, whose sound would be blown up to hours."""


def check_rate(path: Path | str, rate: int) -> int:
    """The rate itself. Raises CaptureError for one that no sound has."""
    if not _RATES[0] <= rate <= _RATES[1]:
        raise CaptureError(f"{path}: states {rate} samples a second, which no voice has; it is damaged")
    return rate


def resampled(
    path: Path, frames: Iterable[AudioFrame], *, start: float, channel: Channel
) -> Iterator[AudioChunk]:
    """The frames as chunks; missing sound leaves a hole. Raises CaptureError for what is no sound."""
    chunker, resampler, pick = Chunker(), Resampler(SAMPLE_RATE), one_channel(channel)
    rate, expected = 0, 0.0
    for frame in frames:
        if frame.sample_rate != rate:
            rate = check_rate(path, frame.sample_rate)
            resampler = Resampler(rate)
        at = expected if frame.time is None else frame.time - start
        if at - expected > _GAP:
            yield from chunker.flush()
            chunker, expected = Chunker(at), at
        expected += frame.samples / rate
        yield from chunker.feed(resampler.feed(pick(planes(path, frame))))
    yield from chunker.feed(resampler.feed(np.zeros(0, np.float32), last=True))
    yield from chunker.flush()


def planes(path: Path | str, frame: AudioFrame) -> Samples:
    """A decoded frame as samples (n, channels), -1..1. Raises CaptureError, which begins with `path`."""
    try:
        samples = frame.to_ndarray()
    except ValueError as error:
        raise CaptureError(f"{path}: its sound cannot be read: {error}") from None
    planes = samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T
    return to_float(planes.T)
