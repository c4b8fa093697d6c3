"""Sound sent through a codec of FFmpeg and back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
import soxr
from av.codec import Codec as AvCodec
from av.codec.codec import UnknownCodecError
from numpy.typing import NDArray

from edge.errors import DataError
from edge.vocabulary import SAMPLE_RATE

Samples = NDArray[np.float32]

_LATEST: Final = SAMPLE_RATE // 5
"""Samples that a codec may delay the sound by."""


@dataclass(frozen=True)
class Codec:
    """An encoder of FFmpeg, the container it is kept in, its rate (Hz), and bits a second (0: its own)."""

    name: str
    container: str
    rate: int
    bits: int = 0

    @property
    def available(self) -> bool:
        """Whether this build of FFmpeg has the encoder."""
        try:
            AvCodec(self.name, "w")
        except UnknownCodecError:
            return False
        return True


def through_codec(samples: Samples, codec: Codec) -> Samples:
    """Samples (n,), 16 kHz mono, encoded and decoded: as many, without the codec's delay.

    Raises DataError where FFmpeg was built without the encoder.
    """
    if not len(samples):
        return samples
    if not codec.available:
        raise DataError(f"FFmpeg has no encoder {codec.name} here: install PyAV's wheel, which has it")
    heard = _decoded(_encoded(samples, codec))
    late = _delay(samples, heard)
    heard = heard[late : late + len(samples)]
    return np.pad(heard, (0, len(samples) - len(heard)))


def _encoded(samples: Samples, codec: Codec) -> io.BytesIO:
    sound = samples if codec.rate == SAMPLE_RATE else soxr.resample(samples, SAMPLE_RATE, codec.rate)
    whole = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format=codec.container) as container:
        stream = container.add_stream(codec.name, rate=codec.rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        if codec.bits:
            stream.bit_rate = codec.bits
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = codec.rate, 0
        for part in (*_pieces(frame, stream), None):
            container.mux(stream.encode(part))
    file.seek(0)
    return file


def _pieces(frame: av.AudioFrame, stream: av.AudioStream) -> list[av.AudioFrame]:
    """In the format and of the length that the encoder takes."""
    context = stream.codec_context
    resampler = av.AudioResampler(
        format=context.format.name,
        layout="mono",
        rate=context.sample_rate,
        frame_size=context.frame_size or None,
    )
    return [*resampler.resample(frame), *resampler.resample(None)]


def _decoded(file: io.BytesIO) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(file) as container:
        frames = [*(f for each in container.decode(audio=0) for f in resampler.resample(each))]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def _delay(sent: Samples, heard: Samples) -> int:
    """Samples by which the heard sound lags behind the sent one, at most a fifth of a second."""
    length = min(len(sent), len(heard), 4 * SAMPLE_RATE)
    from scipy.signal import correlate  # takes a second to load, which few commands need

    likeness = correlate(heard[: length + _LATEST], sent[:length], mode="full", method="fft")[length - 1 :]
    return int(likeness[: _LATEST + 1].argmax())


__all__ = ["Codec", "Samples", "through_codec"]
