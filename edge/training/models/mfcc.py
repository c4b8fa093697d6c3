"""Model 1: statistics of MFCC and their deltas with a support vector machine."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from python_speech_features import delta, mfcc

from edge.evaluation.clips import Clip
from edge.evaluation.sound import Samples, read_sound, trim
from edge.vocabulary import LABELS, SAMPLE_RATE

_COEFFICIENTS: Final = 26


def mfcc_statistics(samples: Samples) -> NDArray[np.float32]:
    """Mean, deviation, minimum and maximum over time of 26 MFCC and their deltas: float32 (208,)."""
    level = float(np.sqrt(np.square(samples, dtype=np.float64).mean())) or 1.0
    coefficients = mfcc(samples / level, SAMPLE_RATE, numcep=_COEFFICIENTS, nfilt=40, winfunc=np.hamming)
    frames = np.concatenate([coefficients, delta(coefficients, 2)], axis=1)
    parts = [frames.mean(axis=0), frames.std(axis=0), frames.min(axis=0), frames.max(axis=0)]
    return np.concatenate(parts).astype(np.float32)


def features(clips: list[Clip]) -> NDArray[np.float32]:
    """Statistics of the trimmed clips (n, 208)."""
    return np.stack([mfcc_statistics(trim(read_sound(clip.path))) for clip in clips])


def fit_predict(train: list[Clip], valid: list[Clip], seed: int = 0) -> NDArray[np.float64]:
    """Scores (m, 7) of the validation clips: votes of one-against-one machines, classes weighted evenly."""
    labels = np.array([clip.label for clip in train])
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    machine = make_pipeline(StandardScaler(), SVC(C=4.0, class_weight="balanced", random_state=seed))
    machine.fit(features(train), labels)
    decided = np.asarray(machine.decision_function(features(valid)), dtype=np.float64)
    scores = np.full((len(valid), len(LABELS)), decided.min() - 1.0)
    scores[:, machine.classes_] = decided
    return scores


__all__ = ["features", "fit_predict", "mfcc_statistics"]
