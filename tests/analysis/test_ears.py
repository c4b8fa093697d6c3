"""Which frames a window may hold."""

from __future__ import annotations

import numpy as np
from analysis.test_turns import ends

from edge.analysis.ears import NOBODY, Plan, plan
from edge.analysis.frames import SECONDS
from edge.analysis.turns import Stretch, Turn

TURNS = (
    Turn("1", (Stretch(1.0, 2.0), Stretch(2.5, 4.0))),
    Turn("2", (Stretch(5.0, 6.0),)),
    Turn("1", (Stretch(7.0, 8.0),)),
)
TIMES = ends(round(9 / SECONDS))


def planned(*, cut_at_pauses: bool) -> Plan:
    return plan(TURNS, "1", TIMES, np.zeros(len(TIMES), np.float32), cut_at_pauses=cut_at_pauses)


def at(values: np.ndarray, *moments: float) -> list[int]:
    return [int(values[np.searchsorted(TIMES, moment)]) for moment in moments]


def test_a_turn_is_one_piece_and_the_others_words_are_nobodys() -> None:
    found = planned(cut_at_pauses=False)
    assert at(found.turn, 0.5, 1.5, 2.2, 3.0, 5.5, 7.5) == [NOBODY, 0, 0, 0, NOBODY, 2]
    first, pause, second, third = at(found.piece, 1.5, 2.2, 3.0, 7.5)
    assert first == pause == second != third
    assert at(found.piece, 0.5, 5.5) == [NOBODY, NOBODY]


def test_where_it_is_unsure_who_goes_on_a_pause_ends_the_piece() -> None:
    found = planned(cut_at_pauses=True)
    assert at(found.turn, 1.5, 3.0, 7.5) == [0, 0, 2]
    first, pause, second, third = at(found.piece, 1.5, 2.2, 2.6, 7.5)
    assert first == pause
    assert len({first, second, third}) == 3
    assert at(found.piece, 0.5, 5.5) == [NOBODY, NOBODY]
