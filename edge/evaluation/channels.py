"""Sound as telephones, messengers and cheap microphones deliver it: a channel is a pure function.

Every channel takes samples (n,), float32, 16 kHz mono, and a seed that draws what differs from device to
device, and returns as many samples. Codecs are the real ones of FFmpeg, through PyAV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.codecs import Codec, through_codec
from edge.vocabulary import SAMPLE_RATE

Samples = NDArray[np.float32]
Channel = Callable[[Samples, int], Samples]

_NARROW: Final = 8000
_BAND: Final = (300.0, 3400.0)
_LEVELS: Final = (0.1, 0.9)
"""Peak that a line is driven to."""
_FRAME: Final = 512
_AMR: Final = tuple(Codec("libopencore_amrnb", "amr", _NARROW, rate) for rate in (4750, 7400, 12200))


def band_limited(samples: Samples, low: float, high: float) -> Samples:
    """Only what lies between two frequencies (Hz), by a Butterworth filter of order 8."""
    from scipy.signal import sosfilt  # takes a second to load, which few commands need

    return np.asarray(sosfilt(_filter(low, high), samples), dtype=np.float32)


@lru_cache(maxsize=32)
def _filter(low: float, high: float) -> NDArray[np.float64]:
    from scipy.signal import butter

    return np.asarray(butter(8, [low, high], "bandpass", fs=SAMPLE_RATE, output="sos"))


def telephone(samples: Samples, seed: int) -> Samples:
    """The telephone network: 300 to 3400 Hz, 8 kHz, G.711 mu-law or A-law."""
    codec = np.random.default_rng(seed).choice(["pcm_mulaw", "pcm_alaw"])
    narrow = band_limited(_driven(samples, seed), *_BAND)
    return through_codec(narrow, Codec(str(codec), "wav", _NARROW))


def mobile(samples: Samples, seed: int) -> Samples:
    """A mobile telephone: AMR narrow-band at 4.75, 7.4 or 12.2 kbit/s, the last being GSM's enhanced full
    rate. Raises DataError where FFmpeg was built without its encoder."""
    codec = _AMR[int(np.random.default_rng(seed).integers(len(_AMR)))]
    return through_codec(band_limited(_driven(samples, seed), 200.0, _BAND[1]), codec)


def messenger(samples: Samples, seed: int) -> Samples:
    """A call over the internet on a thin line: Opus at 6 to 16 kbit/s."""
    generator = np.random.default_rng(seed)
    rate, bits = (
        int(generator.choice([8000, 12000, 16000])),
        int(generator.choice([6000, 8000, 12000, 16000])),
    )
    return through_codec(_driven(samples, seed), Codec("libopus", "ogg", rate, bits))


def recording(samples: Samples, seed: int) -> Samples:
    """A recorded call as archives keep it: MP3 at 8 kHz and 8 or 16 kbit/s, or at 16 kHz and 24."""
    choices = ((8000, 8000), (8000, 16000), (16000, 24000))
    rate, bits = choices[int(np.random.default_rng(seed).integers(len(choices)))]
    return through_codec(_driven(samples, seed), Codec("libmp3lame", "mp3", rate, bits))


def overdriven(samples: Samples, seed: int) -> Samples:
    """A microphone set too high: the loudest 0.1 to 5 % of the samples clipped."""
    share = float(np.exp(np.random.default_rng(seed).uniform(np.log(0.001), np.log(0.05))))
    limit = float(np.quantile(np.abs(samples), 1 - share)) if len(samples) else 0.0
    return np.clip(samples, -limit, limit) if limit > 0 else samples


def denoised(samples: Samples, seed: int) -> Samples:
    """Noise suppression as browsers and headsets do it: a spectral gate 6 to 18 dB deep that opens where a
    cell stands out from the quiet tenth of its band."""
    from scipy.signal import istft, stft

    if len(samples) < 2 * _FRAME:
        return samples
    generator = np.random.default_rng(seed)
    depth, margin = 10 ** (-generator.uniform(6, 18) / 20), float(generator.uniform(1.5, 3.0))
    cells = stft(samples, SAMPLE_RATE, nperseg=_FRAME)[2]
    level = np.abs(cells)
    open_share = np.clip(level / (margin * np.quantile(level, 0.1, axis=1, keepdims=True) + 1e-9) - 1, 0, 1)
    gated = cells * (depth + (1 - depth) * open_share)
    return _fitted(np.asarray(istft(gated, SAMPLE_RATE, nperseg=_FRAME)[1], dtype=np.float32), len(samples))


def cheap_microphone(samples: Samples, seed: int) -> Samples:
    """A laptop's or toy's microphone: a narrower band, hiss 25 to 40 dB below the sound, clipped now and
    then."""
    generator = np.random.default_rng(seed)
    heard = band_limited(samples, float(generator.uniform(60, 250)), float(generator.uniform(3800, 7000)))
    level = float(np.sqrt(np.mean(np.square(heard)))) if len(heard) else 0.0
    hiss = level * 10 ** (-generator.uniform(25, 40) / 20)
    noisy = np.asarray(heard + hiss * generator.standard_normal(len(heard)), dtype=np.float32)
    return overdriven(noisy, seed) if generator.random() < 0.5 else noisy


CHANNELS: Final[Mapping[str, Channel]] = {
    "telephone": telephone,
    "mobile": mobile,
    "messenger": messenger,
    "recording": recording,
    "overdriven": overdriven,
    "denoised": denoised,
    "microphone": cheap_microphone,
}
"""All channels by name."""


def find_channel(name: str) -> Channel:
    """The channel of that name. Raises DataError for an unknown one."""
    if name not in CHANNELS:
        raise DataError(f"no channel '{name}'; channels: {', '.join(CHANNELS)}")
    return CHANNELS[name]


def _driven(samples: Samples, seed: int) -> Samples:
    """At a level as callers have it: speech loses its level, and the codec its ideal input."""
    generator = np.random.default_rng([seed, 1])
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return samples * np.float32(generator.uniform(*_LEVELS) / peak) if peak > 1e-6 else samples


def _fitted(samples: Samples, length: int) -> Samples:
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


__all__: Sequence[str] = [
    "CHANNELS",
    "Channel",
    "band_limited",
    "cheap_microphone",
    "denoised",
    "find_channel",
    "messenger",
    "mobile",
    "overdriven",
    "recording",
    "telephone",
]
