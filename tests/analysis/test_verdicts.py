import numpy as np
import pytest

from edge.analysis.verdicts import UNSURE, Look, Span, decide, shares, summary, within
from edge.config.fusion import SmoothingConfig
from edge.vocabulary import LABELS, NONE

SMOOTHING = SmoothingConfig(half_life=0)


def look(start: float, end: float, label: str, share: float = 0.8) -> Look:
    values = np.full(7, (1 - share) / 6)
    values[LABELS.index(label)] = share
    return Look(start, end, values)


def test_a_turn_is_told_from_its_start_to_its_end_and_changes_halfway_between_two_windows() -> None:
    spans = decide([look(1, 3, "happy"), look(3, 5, "sad")], 0.5, 6.0, SMOOTHING)
    assert [(s.start, s.end, s.emotion) for s in spans] == [(0.5, 3.0, "happy"), (3.0, 6.0, "sad")]


def test_what_was_not_judged_is_none_and_what_is_mixed_is_unsure() -> None:
    assert decide([], 1, 2, SMOOTHING) == [Span(1, 2, NONE, 0.0)]
    assert [s.emotion for s in decide([look(0, 1, "happy", 0.3)], 0, 1, SMOOTHING)] == [UNSURE]


def test_an_emotion_is_held_down_to_its_exit_and_not_below() -> None:
    looks = [look(0, 1, "sad", 0.6), look(1, 2, "sad", 0.4), look(2, 3, "sad", 0.2)]
    assert [s.emotion for s in decide(looks, 0, 3, SMOOTHING)] == ["sad", UNSURE]


def test_shares_are_of_the_time_in_which_an_emotion_was_told() -> None:
    spans = [Span(0, 3, "happy", 0.9), Span(3, 4, "sad", 0.9), Span(4, 14, UNSURE, 0), Span(14, 30, NONE, 0)]
    assert shares(spans) == {"happy": 0.75, "sad": 0.25}
    assert summary(spans)["emotion"] == "happy"
    assert summary(spans[2:]) == {"emotion": UNSURE, "shares": {}}
    assert summary(spans[3:]) == {"emotion": NONE, "shares": {}}


def test_a_part_of_the_time_cuts_spans_at_its_borders() -> None:
    (cut,) = within([Span(0, 10, "sad", 0.7)], 4, 6)
    assert cut.seconds == pytest.approx(2)
