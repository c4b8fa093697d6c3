"""What a voice is like, as 256 values: to tell the speakers of one recording apart, never to recognise.

Source: the encoder of Resemblyzer, https://github.com/resemble-ai/Resemblyzer (see `engines/voice.json`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.inference.onnx import OnnxEngine
from edge.inference.owner import EngineOwner
from edge.inference.registry import find_model
from edge.vocabulary import SAMPLE_RATE

__all__ = ["WINDOW", "VoiceEncoder", "mel_power"]

Floats = NDArray[np.float32]

_FRAME: Final = 400
_HOP: Final = 160
_FRAMES: Final = 160
_BANDS: Final = 40
_LEVEL: Final = 10 ** (-30 / 20)
_MOST_GAIN: Final = 30.0

WINDOW: Final = _FRAME + (_FRAMES - 1) * _HOP
"""Samples of one window at 16 kHz: 1.6 s."""


class VoiceEncoder(EngineOwner):
    """The encoder on ONNX Runtime."""

    @classmethod
    def open(cls, config: EnginesConfig) -> Self:
        """The encoder that comes with the package, checked against its card."""
        model = find_model("voice", config=config, kind="voice")
        return cls(OnnxEngine(model.path, name="voice", threads=config.threads))

    def encode(self, windows: Floats) -> Floats:
        """Unit vectors (n, 256) of windows (n, WINDOW) of speech, float32 at 16 kHz."""
        return self._first_output(np.stack([mel_power(levelled(window)) for window in windows]))


def levelled(samples: Floats) -> Floats:
    """Faint sound raised to -30 dB of full scale, as the encoder was trained."""
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) + 1e-6
    return np.asarray(samples * min(_MOST_GAIN, max(1.0, _LEVEL / level)), np.float32)


def mel_power(samples: Floats) -> Floats:
    """Power in 40 mel bands every 10 ms: (frames, 40)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    power = np.abs(np.fft.rfft(frames * _HANN)) ** 2
    return np.asarray(power @ _FILTERS.T, np.float32)


def _filters() -> Floats:
    """Slaney's triangles: linear below 1 kHz, logarithmic above, each of the same area."""
    step = np.log(6.4) / 27
    mels = np.linspace(0.0, 15 + np.log(SAMPLE_RATE / 2 / 1000) / step, _BANDS + 2)
    centres = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * step))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, _FRAME // 2 + 1)
    rise = (bins - centres[:-2, None]) / np.diff(centres)[:-1, None]
    fall = (centres[2:, None] - bins) / np.diff(centres)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rise, fall))
    return np.asarray(triangles * (2.0 / (centres[2:] - centres[:-2]))[:, None], np.float32)


_FILTERS: Final = _filters()
_HANN: Final = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME), np.float32)
