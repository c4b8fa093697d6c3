"""From a stream of sound to windows of voiced sound."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.config.models import VadConfig
from edge.perception.vad import FRAME
from edge.vocabulary import SAMPLE_RATE, AudioChunk, AudioWindow

__all__ = ["Frames", "SpeechSegmenter", "Utterance", "VoiceActivity", "decibels"]

Frames = NDArray[np.float32]

_FRAME_SECONDS: Final = FRAME / SAMPLE_RATE
_FORGET: Final = 2.0
"""Seconds of silence after which the next words are another utterance."""

_RELEASE: Final = 0.15
_PADDING: Final = 3
_NOISE_BELOW: Final = 0.15
_NOISE_DOWN, _NOISE_UP = 0.3, 0.02
_QUIET: Final = -90.0


class VoiceActivity(Protocol):
    """Tells how likely speech is in each of the next frames."""

    def probabilities(self, frames: Frames) -> NDArray[np.float32]:
        """Probability (0..1) of speech in each frame of float32 (n, 512)."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """A window with what is known about it: mean speech probability, level and level over noise in dB."""

    window: AudioWindow
    probability: float
    level: float
    snr: float


class SpeechSegmenter:
    """Keeps the last seconds of voiced sound and gives them out every hop while somebody speaks.

    Voiced frames are kept with 96 ms around them; they are forgotten after 2 s of silence. A window is
    given when at least `min_speech` seconds are voiced and speech was heard since the last one.
    """

    def __init__(self, *, vad: VoiceActivity, config: VadConfig) -> None:
        self._vad = vad
        self._config = config
        self._pending = np.zeros(0, np.float32)
        self._kept: deque[tuple[Frames, float, bool]] = deque(maxlen=int(config.window / _FRAME_SECONDS))
        self._before: deque[tuple[Frames, float]] = deque(maxlen=_PADDING)
        self._noise: float | None = None
        self._voiced = self._heard = False
        self._forget()

    @property
    def speaking(self) -> bool:
        """Whether speech was heard within the last 0.3 s."""
        return self._silence * _FRAME_SECONDS < 0.3

    def push(self, chunk: AudioChunk) -> list[Utterance]:
        """Take the next stretch of sound; the windows that became due. Raises EngineError from the VAD."""
        sound = np.concatenate([self._pending, chunk.samples])
        whole = len(sound) // FRAME
        frames = sound[: whole * FRAME].reshape(whole, FRAME)
        self._pending = sound[whole * FRAME :].copy()
        ends = chunk.captured_at - (len(self._pending) + FRAME * np.arange(whole - 1, -1, -1)) / SAMPLE_RATE
        return list(self._take(frames, ends)) if whole else []

    def reset(self) -> None:
        """Start anew, after a gap in the sound."""
        self._vad.reset()
        self._pending = np.zeros(0, np.float32)
        self._before.clear()
        self._forget()

    def _take(self, frames: Frames, ends: NDArray[np.float64]) -> Iterator[Utterance]:
        for frame, probability, end in zip(frames, self._vad.probabilities(frames), ends, strict=True):
            self._add(frame, float(probability))
            if self._due():
                yield self._utterance(float(end))

    def _add(self, frame: Frames, probability: float) -> None:
        limit = self._config.threshold - (_RELEASE if self._voiced else 0.0)
        self._voiced = probability >= max(limit, 0.01)
        self._since += 1
        if self._voiced:
            self._kept.extend((sound, p, False) for sound, p in self._before)
            self._before.clear()
            self._kept.append((frame, probability, True))
            self._silence, self._heard = 0, True
            return
        self._silence += 1
        self._listen_to_noise(frame, probability)
        if self._silence <= _PADDING and self._kept:
            self._kept.append((frame, probability, False))
        else:
            self._before.append((frame, probability))
        if self._silence * _FRAME_SECONDS > _FORGET:
            self._forget()

    def _due(self) -> bool:
        if not self._heard or not self._voiced or self._since * _FRAME_SECONDS < self._config.hop:
            return False
        return sum(voiced for _, _, voiced in self._kept) * _FRAME_SECONDS >= self._config.min_speech

    def _utterance(self, end: float) -> Utterance:
        self._since, self._heard = 0, False
        samples = np.concatenate([sound for sound, _, _ in self._kept])
        voiced = np.array([voiced for _, _, voiced in self._kept])
        probability = float(np.mean([p for _, p, spoken in self._kept if spoken]))
        level = decibels(samples.reshape(-1, FRAME)[voiced])
        window = AudioWindow(samples, end, float(voiced.mean()))
        return Utterance(window, probability, level, level - (_QUIET if self._noise is None else self._noise))

    def _listen_to_noise(self, frame: Frames, probability: float) -> None:
        if probability < _NOISE_BELOW:
            level = max(decibels(frame), _QUIET)
            if self._noise is None:
                self._noise = level
            self._noise += (level - self._noise) * (_NOISE_DOWN if level < self._noise else _NOISE_UP)

    def _forget(self) -> None:
        self._kept.clear()
        self._voiced = self._heard = False
        self._silence, self._since = 1 << 30, 1 << 30


def decibels(samples: NDArray[np.float32]) -> float:
    """Root mean square in dB of full scale; -inf is avoided by a floor of -120."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return float(10 * np.log10(power)) if power > 1e-12 else -120.0
