"""Two passes over the windows of a recording, on plain values."""

from __future__ import annotations

import numpy as np

from edge.analysis.baselines import with_baselines
from edge.analysis.ears import Spoken
from edge.config.fusion import FusionConfig
from edge.vocabulary import LABELS, Reading


def spoken(speaker: str, at: float, emotion: str, share: float) -> Spoken:
    p = np.full(7, 0.1 / 5)
    p[LABELS.index(emotion)], p[LABELS.index("neutral")] = share, 0.9 - share
    return Spoken(Reading("speech", p, 1.0, at), speaker, 0, at - 1)


CALL = [
    *(spoken("right", at, "happy", 0.5) for at in np.arange(0.2, 40, 0.5).tolist()),
    *(spoken("left", at, "sad", 0.1) for at in np.arange(0.0, 40, 0.5).tolist()),
]


def test_every_speaker_has_a_baseline_of_their_own_and_windows_come_in_order_of_time() -> None:
    told = with_baselines(CALL, FusionConfig())
    times = [one.reading.captured_at for one in told]
    assert times == sorted(times)
    assert {one.reading.emotion for one in told} == {"neutral"}
    before = {(one.speaker, one.start): one for one in CALL}
    assert all(before[one.speaker, one.start].reading.captured_at == one.reading.captured_at for one in told)
    left = next(one for one in told if one.speaker == "left")
    np.testing.assert_allclose(left.reading.probabilities[6], 0.8, atol=0.1)


def test_switched_off_the_windows_are_as_they_were_judged() -> None:
    told = with_baselines(CALL, FusionConfig(baseline=False))
    assert {id(one) for one in told} == {id(one) for one in CALL}
