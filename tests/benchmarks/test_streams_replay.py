"""Moods on many configurations at once are those of the room itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.streams.keeping import keep, kept
from benchmarks.streams.reading import Readings
from benchmarks.streams.replay import cut, replayed
from benchmarks.streams.scoring import moods
from edge.config import Config
from edge.errors import DataError
from edge.mood.pooling import FusionParameters
from edge.vocabulary import LABELS

FPS = 5.0
OTHERS = [
    {},
    {"fusion": {"face_neutral": 0.14, "newcomer_neutral": 0.14, "face_odds": {"disgust": 3, "neutral": 0.8}}},
    {"fusion": {"newcomer_neutral": 0.9, "newcomer_emotions": {"sad": 0.5}}},
    {
        "smoothing": {
            "half_life": 0,
            "dwell": 0,
            "enter": 0.35,
            "thresholds": {"fear": {"enter": 0.6, "dwell": 2}},
        }
    },
]


def stream(seed: int, seconds: float = 500.0) -> Readings:
    """Visitors with one emotion or two, some bowed, who talk, hidden for a moment, or who leave."""
    generator = np.random.default_rng(seed)
    n = int(seconds * FPS)
    visit, scores = np.zeros(n, np.int64), np.full((n, 7), np.nan)
    bowed, mouth = np.zeros(n, bool), np.full(n, np.nan)
    row, number = 0, 0
    while row < n:
        number += 1
        length = int(generator.integers(35, 80))
        rows = slice(row, row + length)
        shown = generator.dirichlet(np.full(7, 0.4), size=2)[(np.arange(length) > length / 2).astype(int)]
        noisy = np.log(shown + 1e-4) + generator.normal(0, 0.5, shown.shape)
        p = np.exp(noisy) / np.exp(noisy).sum(axis=1, keepdims=True)
        here = len(scores[rows])
        visit[rows], scores[rows] = number, p[:here]
        bowed[rows] = generator.random() < 0.2
        mouth[rows] = 0.05 if generator.random() < 0.3 else 0.0
        if generator.random() < 0.3:
            visit[row + 10 : row + int(generator.integers(12, 30))] = 0
        row += length
        if generator.random() < 0.4:
            row += int(generator.integers(33, 45))
    away = visit == 0
    scores[away], mouth[away] = np.nan, np.nan
    return Readings(np.arange(n) / FPS, visit, scores, bowed, mouth)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_change_is_the_one_that_a_room_would_make(seed: int) -> None:
    seen = stream(seed).observations()
    configs = [Config.model_validate(each) for each in OTHERS]
    parameters = FusionParameters(prior=np.full(7, 1 / 7))
    found = replayed(cut(seen, configs[0].smoothing.absence), configs)
    for config, changes in zip(configs, found, strict=True):
        assert changes == moods(seen, config, parameters)
    assert len({tuple(changes) for changes in found}) == len(OTHERS)
    assert {mood for _, mood in found[1]} == {*LABELS, "none"}


def test_what_was_read_is_kept_for_the_same_question_only(tmp_path: Path) -> None:
    path, made_of, read = tmp_path / "read.npz", {"seed": 1, "model": "abc"}, stream(0, 20.0)
    assert kept(path, made_of) is None
    keep(path, made_of, {"arriving": read})
    again = kept(path, made_of)
    assert again is not None
    np.testing.assert_array_equal(again["arriving"].scores, read.scores)
    assert [len(one.readings) for one in again["arriving"].observations()] == [
        len(one.readings) for one in read.observations()
    ]
    with pytest.raises(DataError, match="something else \\(seed 1\\)"):
        kept(path, {**made_of, "seed": 2})
    path.write_text("no readings")
    with pytest.raises(DataError, match="delete it"):
        kept(path, made_of)
