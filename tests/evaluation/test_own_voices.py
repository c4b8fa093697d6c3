"""What is usual of each voice is taken off its own clips, on plain values."""

from __future__ import annotations

import numpy as np

from edge.evaluation.own_voices import with_own_baselines
from edge.vocabulary import LABELS

SAD, NEUTRAL = LABELS.index("sad"), LABELS.index("neutral")


def clips(sad: float, neutral: float, n: int = 40) -> np.ndarray:
    p = np.full((n, 7), (1 - sad - neutral) / 5)
    p[:, SAD], p[:, NEUTRAL] = sad, neutral
    return p


def test_a_voice_that_always_sounds_sad_is_neutral_and_the_others_stay_as_they_are() -> None:
    speech = np.concatenate([clips(0.5, 0.4), clips(0.15, 0.6)])
    people = np.repeat([7, 2], 40)
    found = with_own_baselines(speech, people, neutral=0.6)
    assert set(speech[:40].argmax(axis=1)) == {SAD}
    assert set(found[:40].argmax(axis=1)) == {NEUTRAL}
    np.testing.assert_allclose(found[40:, NEUTRAL], 0.6, atol=0.07)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_array_equal(with_own_baselines(speech, people, neutral=0.6), found)
