import numpy as np
import pytest

from edge.analysis.conversation import interruptions, overlaps, silences, total
from edge.analysis.frames import SECONDS
from edge.analysis.turns import Stretch, Turn, stretches, turns, voiced


def frames(seconds: float) -> int:
    return round(seconds / SECONDS)


def mask(until: float, *spans: tuple[float, float]) -> np.ndarray:
    found = np.zeros(frames(until), np.bool_)
    for start, end in spans:
        found[frames(start) : frames(end)] = True
    return found


def ends(count: int) -> np.ndarray:
    return SECONDS * np.arange(1, count + 1)


def test_a_voice_holds_on_a_little_below_the_threshold() -> None:
    speech = np.array([0.4, 0.6, 0.4, 0.3, 0.4], np.float32)
    assert voiced(speech, 0.5).tolist() == [False, True, True, False, False]


def test_a_breath_is_bridged_and_a_click_left_out() -> None:
    found = stretches(mask(6, (1.0, 2.0), (2.2, 3.0), (5.0, 5.1)), ends(frames(6)))
    assert [(round(s.start, 1), round(s.end, 1)) for s in found] == [(1.0, 3.0)]


def test_turns_end_where_somebody_else_takes_over_and_after_a_long_pause() -> None:
    found = turns(
        {
            "left": [Stretch(0, 2), Stretch(2.5, 4), Stretch(9, 10)],
            "right": [Stretch(4.2, 5), Stretch(8, 8.5)],
        }
    )
    assert [(turn.speaker, turn.start, turn.end) for turn in found] == [
        ("left", 0, 4),
        ("right", 4.2, 5),
        ("right", 8, 8.5),
        ("left", 9, 10),
    ]


def test_a_nod_while_the_other_speaks_does_not_end_the_turn() -> None:
    found = turns({"left": [Stretch(0, 6), Stretch(6.4, 8)], "right": [Stretch(3, 3.5)]})
    assert [(turn.speaker, turn.start, turn.end) for turn in found] == [("left", 0, 8), ("right", 3, 3.5)]
    assert interruptions(found) == []


def test_to_begin_in_anothers_words_and_to_go_on_is_an_interruption() -> None:
    found = turns({"left": [Stretch(0, 5)], "right": [Stretch(4, 9)]})
    (cut,) = interruptions(found)
    assert (cut.speaker, cut.other, cut.start, cut.end) == ("right", "left", 4, 5)


def test_time_is_shared_without_a_rest() -> None:
    left, right = [Stretch(1, 4), Stretch(6, 7)], [Stretch(3, 5), Stretch(6.5, 9)]
    both = total(overlaps(left, right))
    nobody = total(silences([*left, *right], 12.0))
    assert both == pytest.approx(1.5)
    assert nobody + total(left) + total(right) - both == pytest.approx(12.0)


def test_talk_is_the_time_of_voice_in_a_turn() -> None:
    assert Turn("left", (Stretch(0, 2), Stretch(3, 4))).talk == 3
