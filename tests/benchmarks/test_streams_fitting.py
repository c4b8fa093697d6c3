"""Fitting the smoothing, on a judge of plain values."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.streams.fitting import fitted, worth
from edge.config import Config


def test_each_key_gets_the_value_that_is_judged_best_and_the_others_stay() -> None:
    def judge(configs: Sequence[Config]) -> list[float]:
        return [
            -abs(one.smoothing.half_life - 0.6)
            - abs(one.smoothing.enter_exit_dwell("fear")[0] - 0.6)
            - abs(one.fusion.face_neutral - 0.4)
            - abs(one.fusion.newcomer_emotions.get("sad", 1.0) - 0.6)
            for one in configs
        ]

    config = Config.model_validate({"smoothing": {"absence": 9}})
    chosen = fitted(config, judge)
    best = chosen.smoothing
    assert (best.half_life, best.enter_exit_dwell("fear")[0]) == (0.6, 0.6)
    assert chosen.fusion.face_neutral == 0.4
    assert chosen.fusion.newcomer_emotions == {**config.fusion.newcomer_emotions, "sad": 0.6}
    assert (best.absence, best.dwell, best.enter) == (9, config.smoothing.dwell, config.smoothing.enter)
    assert best.enter_exit_dwell("happy") == config.smoothing.enter_exit_dwell("happy")


def test_a_false_mood_an_hour_is_worth_two_points_of_right_ones() -> None:
    there = {"fear": {"within_3_s": 0.5}, "sad": {"within_3_s": 0.7}, "all": {"within_3_s": 0.0}}
    came = {"fear": {"within_3_s": 0.3}, "sad": {"within_3_s": 0.5}}
    figures = {"emotions": there, "arriving": came, "neutral_room": {"an_hour": 5.0}}
    assert worth(figures) == pytest.approx(0.5 - 0.1)
