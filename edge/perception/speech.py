"""From sound to readings: voice activity, windows of speech, features, classify."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import cv2
import numpy as np
from typing_extensions import Self

from edge.config.models import Config, MicrophoneConfig, VadConfig
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.closing import Closing
from edge.inference.engine import Backend
from edge.perception.band import band_edge
from edge.perception.faults import Faults
from edge.perception.features import Features, speech_features
from edge.perception.inputs import SPEECH_ITEM
from edge.perception.observation import SpeechObservation
from edge.perception.ramp import ramp
from edge.perception.segmenter import SpeechSegmenter, Utterance, VoiceActivity
from edge.perception.vad import Vad
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Probabilities, Reading

__all__ = [
    "Hearing",
    "OwnedVoiceActivity",
    "SpeechPipeline",
    "classify",
    "speech_quality",
    "speech_reading",
]

_GAP: Final = 1.0
"""Seconds missing between two chunks after which the sound is not one stream any more."""

_MIN_PROBABILITY: Final = 0.7
"""Mean speech probability of the voiced frames; singing and instruments rarely reach it."""


class _Read(NamedTuple):
    """A window's reading, and how far up its voice reaches in Hz."""

    reading: Reading
    bandwidth: float


class OwnedVoiceActivity(VoiceActivity, Protocol):
    """Voice activity that the pipeline closes."""

    def close(self) -> None:
        """Release it."""
        ...


class Hearing:
    """From sound to the windows that are worth judging; what is missing in between ends the stream."""

    def __init__(self, *, vad: VoiceActivity, config: VadConfig) -> None:
        self._segmenter = SpeechSegmenter(vad=vad, config=config)
        self._heard_until: float | None = None

    @property
    def speaking(self) -> bool:
        """Whether speech was heard within the last 0.3 s."""
        return self._segmenter.speaking

    def take(self, chunk: AudioChunk) -> list[Utterance]:
        """The windows of sure speech that became due with it. Raises EngineError when the VAD fails."""
        start = chunk.captured_at - len(chunk.samples) / SAMPLE_RATE
        if self._heard_until is not None and abs(start - self._heard_until) > _GAP:
            self._segmenter.reset()
        self._heard_until = chunk.captured_at
        return [one for one in self._segmenter.push(chunk) if one.probability >= _MIN_PROBABILITY]

    def begin(self) -> None:
        """Somebody else speaks from here on: no window reaches back beyond this moment."""
        self._segmenter.reset()


class SpeechPipeline(Closing):
    """Speech worker's whole work on a stretch of sound. Made, used and closed by one thread."""

    def __init__(
        self,
        *,
        vad: OwnedVoiceActivity,
        classifier: Classifier,
        config: MicrophoneConfig,
        clock: Callable[[], float],
    ) -> None:
        self._vad = vad
        self._classifier = classifier
        self._clock = clock
        self._hearing = Hearing(vad=vad, config=config.vad)
        self._faults = Faults("speech")
        self._speaking = False

    @classmethod
    def open(cls, config: Config, *, clock: Callable[[], float]) -> Self:
        """Voice activity detection and classifier as configured. Raises ModelError and EngineError."""
        # OpenCV's transform would otherwise start a thread a core for a millisecond of work.
        cv2.setNumThreads(config.engines.threads)
        vad = Vad.open(config.engines)
        try:
            classifier = Classifier.open("speech", config=config.engines, item=SPEECH_ITEM)
        except EdgeError:
            vad.close()
            raise
        return cls(vad=vad, classifier=classifier, config=config.microphone, clock=clock)

    @property
    def backend(self) -> Backend:
        """Which runtime executes the speech model now."""
        return self._classifier.backend

    @property
    def error(self) -> str | None:
        """Why the newest window gave no reading, None when all is well."""
        return self._faults.newest

    def process(self, chunk: AudioChunk) -> list[SpeechObservation]:
        """The readings that became due with this stretch of sound, and a change of speaking without one.

        Silence, noise and music give neither.

        Raises EngineError when the VAD fails, or the classifier again and again.
        """
        readings = [self._read(utterance) for utterance in self._hearing.take(chunk)]
        return self._observed([read for read in readings if read is not None], chunk.captured_at)

    def begin(self) -> None:
        """Somebody else speaks from here on: no window reaches back beyond this moment."""
        self._hearing.begin()

    def close(self) -> None:
        """Release both models."""
        self._vad.close()
        self._classifier.close()

    def _observed(self, readings: list[_Read], at: float) -> list[SpeechObservation]:
        before, self._speaking = self._speaking, self._hearing.speaking
        if not readings and before != self._speaking:
            return [SpeechObservation(at, None, self._speaking)]
        return [
            SpeechObservation(one.reading.captured_at, one.reading, self._speaking, one.bandwidth)
            for one in readings
        ]

    def _read(self, utterance: Utterance) -> _Read | None:
        features = speech_features(utterance.window.samples)
        scores = self._faults.guard(lambda: _scores(self._classifier, features))
        if scores is None:
            return None
        late = max(0.0, self._clock() - utterance.window.captured_at)
        return _Read(speech_reading(utterance, scores, late=late), band_edge(features))


def classify(classifier: Classifier, utterance: Utterance) -> Probabilities:
    """Scores of a window. Raises EngineError when the classifier fails."""
    return _scores(classifier, speech_features(utterance.window.samples))


def _scores(classifier: Classifier, features: Features) -> Probabilities:
    row: Probabilities = classifier.probabilities(features[np.newaxis])[0]
    return row


def speech_reading(utterance: Utterance, scores: Probabilities, *, late: float = 0.0) -> Reading:
    """The window with its scores; `late` is the time since its end in seconds."""
    return Reading("speech", scores, speech_quality(utterance), utterance.window.captured_at, late)


def speech_quality(utterance: Utterance) -> float:
    """How far a window can be trusted (0..1): sure speech, 2 s of it, over the noise, not too faint."""
    seconds = len(utterance.window.samples) * utterance.window.voiced / SAMPLE_RATE
    value = ramp(utterance.probability, _MIN_PROBABILITY, 0.95, 0.5)
    value *= ramp(seconds, 0.5, 2.0, 0.5)
    value *= ramp(utterance.snr, 0.0, 15.0, 0.4)
    return value * ramp(utterance.level, -70.0, -50.0, 0.4)
