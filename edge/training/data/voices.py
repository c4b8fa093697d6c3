"""Other voices: the utterances of a training speaker as a bigger or smaller, higher or lower person's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from edge.errors import DataError
from edge.evaluation.sound import Samples
from edge.training.data.sound import Background, SoundAugment
from edge.vocabulary import SAMPLE_RATE

FLOOR, CEILING = 75.0, 600.0
"""Pitch looked for, Hz."""
LOWEST, HIGHEST = 65.0, 500.0
"""Median pitch given to a voice, Hz."""
_HINT: Final = (
    "other voices need praat-parselmouth: pip install praat-parselmouth, or train with --variants 1"
)


@dataclass(frozen=True)
class OtherVoice:
    """Pitch and formants changed apart from each other, tempo and melody kept, then varied as sound.

    `pitch` and `formants` are the greatest changes of their logarithms. Praat's "Change gender" (Boersma and
    Weenink): the sound is resampled, its periods are put together anew (PSOLA).
    """

    pitch: float = 0.3
    formants: float = 0.15
    sound: SoundAugment = field(default_factory=SoundAugment)

    def __call__(self, samples: Samples, background: Background, generator: np.random.Generator) -> Samples:
        """One random variation of an utterance. Raises DataError without Praat's library."""
        pitch, formants = np.exp(generator.uniform(-1, 1, 2) * (self.pitch, self.formants))
        seed = int(generator.integers(2**31))
        return self.sound(changed(samples, float(pitch), float(formants), seed), background, generator)


def changed(samples: Samples, pitch: float, formants: float, seed: int = 0) -> Samples:
    """The same words with the median pitch and the formants multiplied; 16 kHz, about the same length.

    Where there is no voice Praat draws the periods at random, from `seed`.

    Sound without a voice, or too short to have a pitch, comes back as it is. Raises DataError without
    Praat's library.
    """
    try:
        import parselmouth
        from parselmouth.praat import call, run
    except ImportError:
        raise DataError(_HINT) from None
    sound = parselmouth.Sound(samples.astype(np.float64), SAMPLE_RATE)
    try:
        median = _median_pitch(sound)
        if not median:
            return samples
        target = float(np.clip(median * pitch, LOWEST, HIGHEST))
        run(f"random_initializeWithSeedUnsafelyButPredictably ({seed})")
        other = call(sound, "Change gender", FLOOR, CEILING, formants, target, 1.0, 1.0)
    except parselmouth.PraatError:
        return samples
    return np.ascontiguousarray(other.values[0], dtype=np.float32)


def _median_pitch(sound: Any) -> float:
    """In Hz; 0 without a voiced frame."""
    track = sound.to_pitch(0.01, FLOOR, CEILING).selected_array["frequency"]
    voiced = track[track > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0


__all__ = ["OtherVoice", "changed"]
