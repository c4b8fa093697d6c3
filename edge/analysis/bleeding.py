"""What one side of a call hears of the other, through the line or the air; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
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
_LEAST: Final = 0.06
"""Score of a path (see `_Path`) …"""
_DISTINCT: Final = 1.8
"""… and how many times that of any other delay it is.

Built calls with echoes of 6 to 20 dB, by a wire and by a room, and with two who speak at once for up to three
quarters of the time, gave 0.07 to 0.34 and 2 to 10; calls without an echo at most 0.04 and 2.
"""
_ALIKE: Final = 3
"""Frames by which a delay may be wrong and fit nearly as well: levels of speech change no faster."""
_CROWD: Final = 5
_ABOVE: Final = 2.0
_BELOW: Final = 4
_SPREAD: Final = 1.5
_LOOSEST: Final = 5.0
_FAINT: Final = 12.0


@dataclass(frozen=True, slots=True)
class _Path:
    """The way of an echo: later by frames, weaker by dB, and louder than that by no more than `loose` dB.

    Nothing that comes with the echo makes it weaker. So the frames crowd at one distance from the source, and
    hardly any lies beyond it, also while both speak. `score` is the share of the frames in the crowd, less
    twice the share of those beyond.
    """

    score: float
    late: int
    weaker: int
    loose: float = 0.0


def bleeding(mine: Heard, own: Mask, theirs: Heard, other: Mask) -> Mask:
    """Frames of voice that are only the other side's, or one's own drowned in them.

    An echo comes by one path: later by the same time and weaker by the same amount throughout. Where there is
    such a path, what is no louder than it makes it is the other's. Without one, what is 12 dB below one's own
    usual speech and below the other's at that moment.
    """
    n = min(len(own), len(other))
    level, source = mine.level[:n], theirs.level[:n]
    voice = own[:n] & (_lately(other[:n].astype(np.float32), 0.0) > 0)
    path = _path(level, source, voice)
    if path is None:
        found = _faint(level, source, own[:n], other[:n])
    else:
        echo = _lately(_later(source, path.late), FLOOR, 1) - path.weaker
        found = level <= echo + path.loose
    mask = np.zeros(len(own), np.bool_)
    mask[:n] = voice & found
    return mask


def _path(level: Levels, source: Levels, voice: Mask) -> _Path | None:
    """The way of the other side's echo; None where there is none."""
    if voice.sum() < _ENOUGH:
        return None
    found = [_edge(late, (delayed - level)[voice]) for late, delayed in enumerate(_delays(source))]
    best = max(found, key=lambda path: path.score)
    others = max(path.score for path in found if abs(path.late - best.late) > _ALIKE)
    if best.score < max(_LEAST, _DISTINCT * others):
        return None
    delayed = next(islice(_delays(source), best.late, None))
    return _measured(best, (delayed - level)[voice])


def _edge(late: int, by: Levels) -> _Path:
    """Where the crowd ends, if the echo comes that late; `by` is how much weaker each frame is, in dB."""
    crowd = _crowd(by) / len(by)
    beyond = np.array([np.mean(by > weaker + _CROWD / 2 + 0.5) for weaker in _WEAKER])
    scores = crowd - _ABOVE * beyond
    return _Path(float(scores.max()), late, _WEAKER[int(scores.argmax())])


def _measured(path: _Path, by: Levels) -> _Path:
    """The middle of the crowd, and how far an echo alone strays: what lies beyond is nobody's own voice."""
    first = max(0, path.weaker - _BELOW)
    weaker = first + int(_crowd(by)[first : path.weaker + _CROWD // 2 + 1].argmax())
    beyond = by[(by > weaker) & (by < weaker + 3 * _CROWD)] - weaker
    spread = float(np.sqrt(np.mean(np.square(beyond)))) if len(beyond) else 0.0
    return replace(path, weaker=weaker, loose=min(_LOOSEST, _SPREAD * (1.0 + spread)))


def _crowd(by: Levels) -> NDArray[np.float64]:
    """How many frames are weaker by about so many dB."""
    counts = np.histogram(by, bins=[*_WEAKER, len(_WEAKER)])[0]
    return np.convolve(counts, np.ones(_CROWD), "same")


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
