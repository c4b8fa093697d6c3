"""The first pass: one channel heard from beginning to end, before anything in it is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.frames import slices
from edge.perception.segmenter import VoiceActivity
from edge.perception.vad import FRAME
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["FLOOR", "Heard", "bandwidth", "hear"]

Floats = NDArray[np.float32]

FLOOR: Final = -120.0
"""dB of full scale that stand for silence."""

_HALF: Final = FRAME // 2
_FORMANTS: Final = slice(round(300 * _HALF / SAMPLE_RATE), round(3400 * _HALF / SAMPLE_RATE))
_SURE: Final = 0.8
_BELOW_PEAK: Final = 65.0
_STEP: Final = 250.0


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the n frames of 32 ms of one channel are like; 20 bytes a frame, so 7 MB for three hours.

    `speech` is the probability of speech, `level` in dB of full scale, `ends` in seconds; `formants` (2n,)
    is the level between 300 and 3400 Hz every 16 ms; `spectrum` (257,) the mean power of sure speech.
    """

    speech: Floats
    level: Floats
    ends: NDArray[np.float64]
    formants: Floats
    spectrum: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.speech)

    @property
    def until(self) -> float:
        """End of the sound in seconds."""
        return float(self.ends[-1]) if len(self) else 0.0


def hear(chunks: Iterable[AudioChunk], vad: VoiceActivity) -> Heard:
    """Listen to all of it. Raises EngineError from the VAD."""
    vad.reset()
    parts: list[tuple[Floats, Floats, NDArray[np.float64], Floats]] = []
    spectrum, sure = np.zeros(_HALF + 1), 0
    window = np.hanning(FRAME).astype(np.float32)
    for cut in slices(chunks):
        frames, speech = cut.frames, vad.probabilities(cut.frames)
        parts.append((speech, _decibels(frames), cut.ends, _formants(frames)))
        voiced = frames[speech > _SURE]
        if len(voiced):
            spectrum += (np.abs(np.fft.rfft(voiced * window)) ** 2).sum(axis=0)
            sure += len(voiced)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.zeros(0)] * 4
    speech, level, ends, formants = columns
    return Heard(speech, level, ends, formants, spectrum / max(sure, 1))


def bandwidth(heard: Heard) -> float | None:
    """Highest frequency in Hz at which speech stands above the floor; None where nobody speaks."""
    if not heard.spectrum.any():
        return None
    decibels = 10 * np.log10(heard.spectrum + 1e-20)
    there = np.flatnonzero(decibels > decibels.max() - _BELOW_PEAK)
    return round(float(there[-1] + 1) * SAMPLE_RATE / FRAME / _STEP) * _STEP


def _decibels(frames: Floats) -> Floats:
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), FLOOR), np.float32)


def _formants(frames: Floats) -> Floats:
    halves = frames.reshape(-1, _HALF) * np.hanning(_HALF).astype(np.float32)
    power = (np.abs(np.fft.rfft(halves)) ** 2)[:, _FORMANTS].mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)
