"""What one side of a call hears of the other, through the line or the air; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.hearing import FLOOR, Heard
from edge.analysis.turns import Mask

__all__ = ["bleeding"]

Levels = NDArray[np.float32]

_LATEST: Final = 15
"""Frames of 32 ms by which an echo may come later: half a second."""
_WEAKER: Final = range(45)
"""dB by which it may be weaker than what it is an echo of."""
_ENOUGH: Final = 32
_SAME: Final = 0.45
"""Share of the frames that have to be weaker by the same amount …"""
_DISTINCT: Final = 1.6
"""… and how many times more they have to be than where an echo is sought that comes at another time.

Built calls with echoes of 6 to 20 dB gave 0.5 to 0.8 and 1.7 to 3.3, two who speak at once 0.4 and 1.2.
"""
_LOOSE: Final = 4.0
_FAINT: Final = 12.0


def bleeding(mine: Heard, own: Mask, theirs: Heard, other: Mask) -> Mask:
    """Frames of voice that are only the other side's.

    An echo comes by one path: later by the same time and weaker by the same amount throughout. Where there is
    such a path, what is no louder than it makes it is the other's. Without one, what is 12 dB below one's own
    usual speech and below the other's at that moment.
    """
    n = min(len(own), len(other))
    level, source = mine.level[:n], theirs.level[:n]
    voice = own[:n] & (_lately(other[:n].astype(np.float32), 0.0) > 0)
    echo = _echo(level, source, voice)
    found = voice & (_faint(level, source, own[:n], other[:n]) if echo is None else level <= echo + _LOOSE)
    mask = np.zeros(len(own), np.bool_)
    mask[:n] = found
    return mask


def _echo(level: Levels, source: Levels, voice: Mask) -> Levels | None:
    """How loud the other side's echo is in each frame, in dB; None where no path is found."""
    found = [_weaker((delayed - level)[voice]) for delayed in _delays(source)]
    shares = np.array([share for share, _ in found])
    late = int(shares.argmax())
    told = shares[shares > 0]
    if not len(told) or shares[late] < max(_SAME, _DISTINCT * float(np.median(told))):
        return None
    return np.asarray(_lately(_later(source, late), FLOOR, 1) - found[late][1], np.float32)


def _weaker(by: Levels) -> tuple[float, int]:
    """By how many dB most frames in which the other is louder are weaker, and how many of them that is."""
    counts = np.histogram(by, bins=[*_WEAKER])[0]
    around = np.convolve(counts, np.ones(5), "same")
    share = float(around.max()) / counts.sum() if counts.sum() >= _ENOUGH else 0.0
    return share, _WEAKER[int(around.argmax())]


def _delays(source: Levels) -> Iterator[Levels]:
    for late in range(_LATEST + 1):
        yield np.maximum(_later(source, late), _later(source, late + 1))


def _later(values: Levels, frames: int) -> Levels:
    return np.concatenate([np.full(frames, FLOOR, np.float32), values])[: len(values)]


def _lately(values: Levels, floor: float, frames: int = _LATEST) -> Levels:
    """The largest of the last frames, in each frame."""
    padded = np.concatenate([np.full(frames, floor, np.float32), values])
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, frames + 1).max(axis=1), np.float32)


def _faint(level: Levels, source: Levels, own: Mask, other: Mask) -> Mask:
    alone = own & ~other
    usual = float(np.median(level[alone if alone.any() else own])) if own.any() else 0.0
    weak = (level < usual - _FAINT) | (level < source - 2 * _FAINT)
    return np.asarray(other & weak & (level < source), np.bool_)
