"""What one side of a call hears of the other is nobody there."""

from __future__ import annotations

import numpy as np
import pytest
from analysis.test_turns import ends, mask

from edge.analysis.bleeding import bleeding
from edge.analysis.hearing import Heard
from edge.analysis.turns import stretches, within

LONG = 60.0
MINE = mask(LONG, *[(start, start + 4) for start in range(0, 60, 10)])
THEIRS = mask(LONG, *[(start + 5, start + 9) for start in range(0, 60, 10)])


def heard(level: np.ndarray) -> Heard:
    n = len(level)
    return Heard(
        np.ones(n, np.float32), level.astype(np.float32), ends(n), np.zeros(2 * n, np.float32), np.zeros(257)
    )


def talk(where: np.ndarray, loud: float, seed: int) -> np.ndarray:
    """Levels of speech that rise and fall as syllables do, and of a quiet line."""
    syllables = np.random.default_rng(seed).uniform(-18, 0, len(where) // 4 + 1).repeat(4)[: len(where)]
    return np.where(where, loud + syllables, -80.0)


def echoed(levels: np.ndarray, frames: int, weaker: float) -> np.ndarray:
    return np.concatenate([np.full(frames, -80.0), levels])[: len(levels)] - weaker


def louder(*levels: np.ndarray) -> np.ndarray:
    return np.asarray(10 * np.log10(sum(10 ** (level / 10) for level in levels)))


def spoken(voice: np.ndarray) -> np.ndarray:
    times = ends(len(voice))
    return within(stretches(voice, times), times)


@pytest.mark.parametrize(("frames", "weaker"), [(0, 20.0), (0, 10.0), (4, 12.0), (8, 6.0), (14, 25.0)])
def test_an_echo_of_the_other_side_is_left_out_and_ones_own_words_stay(frames: int, weaker: float) -> None:
    me, they = talk(MINE, -20.0, 1), talk(THEIRS, -22.0, 2)
    mine = louder(me, echoed(they, frames, weaker))
    theirs = louder(they, echoed(me, frames, weaker))
    own = mine > -65.0
    other = theirs > -65.0
    left = spoken(own & ~bleeding(heard(mine), own, heard(theirs), other))
    assert (left & ~MINE).sum() <= 0.03 * own.sum()
    assert (left & MINE).sum() >= 0.9 * MINE.sum()


@pytest.mark.parametrize(("frames", "weaker"), [(0, 16.0), (4, 12.0), (12, 18.0)])
@pytest.mark.parametrize("unsteady", [0.0, 1.5], ids=["by a wire", "by a room"])
def test_an_echo_is_found_while_both_speak_most_of_the_time(
    frames: int, weaker: float, unsteady: float
) -> None:
    talking = [mask(120, *[(at + by, at + by + 8) for at in range(0, 120, 10)]) for by in (0, 2.5)]
    random = np.random.default_rng(7)
    me, they = talk(talking[0], -20.0, 1), talk(talking[1], -22.0, 2)
    mine = louder(me, echoed(they, frames, weaker) + random.normal(0, unsteady, len(they)))
    theirs = louder(they, echoed(me, frames, weaker) + random.normal(0, unsteady, len(me)))
    own, other = mine > -65.0, theirs > -65.0
    assert (own & ~talking[0]).sum() > 0.8 * (~talking[0]).sum(), "the echo sounds like a voice"
    left = spoken(own & ~bleeding(heard(mine), own, heard(theirs), other))
    assert (left & ~talking[0]).sum() < 0.25 * (~talking[0]).sum()
    assert (left & talking[0]).sum() > 0.9 * talking[0].sum()


def test_two_who_speak_at_once_without_an_echo_are_both_heard() -> None:
    both = mask(LONG, (0, 50))
    mine, theirs = talk(both, -20.0, 3), talk(both, -24.0, 4)
    for one, other in ((mine, theirs), (theirs, mine)):
        left = spoken(both & ~bleeding(heard(one), both, heard(other), both))
        assert (left & both).sum() > 0.95 * both.sum()


def test_a_silent_side_has_no_voice_to_lose() -> None:
    nobody = mask(LONG)
    quiet = np.full(len(nobody), -120.0)
    assert not bleeding(heard(quiet), nobody, heard(talk(MINE, -20.0, 5)), MINE).any()
    assert not bleeding(heard(talk(MINE, -20.0, 5)), MINE, heard(quiet), nobody).any()


def test_the_other_side_heard_faintly_through_the_line_is_nobody_here() -> None:
    mine = np.where(mask(10, (0, 4)), -20.0, np.where(mask(10, (5, 9)), -45.0, -90.0))
    theirs = np.where(mask(10, (5, 9)), -18.0, -90.0)
    both, other = mask(10, (0, 4), (5, 9)), mask(10, (5, 9))
    faint = bleeding(heard(mine), both, heard(theirs), other)
    assert (both & ~faint).tolist() == mask(10, (0, 4)).tolist()
    assert not bleeding(heard(theirs), other, heard(mine), both).any()
