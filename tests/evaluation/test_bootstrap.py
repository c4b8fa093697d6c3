"""Bootstrap over speakers."""

import numpy as np
import pytest

from edge.evaluation.bootstrap import drawn_uar, span_of, speaker_counts, uar_of_counts
from edge.evaluation.metrics import uar


def test_counts_of_all_speakers_give_the_uar() -> None:
    generator = np.random.default_rng(0)
    labels, guesses = generator.choice([0, 2, 3, 6], 300), generator.integers(0, 7, 300)
    counts = speaker_counts(labels, guesses, [f"s{k % 9}" for k in range(300)])
    assert counts.shape == (9, 7, 7)
    assert uar_of_counts(counts.sum(axis=0)) == pytest.approx(uar(labels, guesses))


def test_speakers_who_differ_widen_the_interval_and_one_speaker_has_none() -> None:
    labels = np.tile(np.arange(7), 40)
    right_for = {"alike": [k % 2 == 0 for k in range(280)], "apart": [k // 28 % 2 == 0 for k in range(280)]}
    speakers = [f"s{k // 28}" for k in range(280)]
    widths = {}
    for name, hits in right_for.items():
        guesses = np.where(hits, labels, (labels + 1) % 7)
        low, high = span_of(drawn_uar(speaker_counts(labels, guesses, speakers)))
        assert low <= 0.5 <= high
        widths[name] = high - low
    assert widths["apart"] > 0.4
    assert widths["alike"] < 0.15
    guesses = np.where(right_for["alike"], labels, 0)
    low, high = span_of(drawn_uar(speaker_counts(labels, guesses, ["one"] * 280)))
    assert low == high
