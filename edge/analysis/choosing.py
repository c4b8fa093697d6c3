"""Which faces of a film are judged: those that changed, and all between two that disagree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from edge.perception.attention import REST, Glance, change, glance
from edge.perception.observation import FaceObservation
from edge.perception.pixels import Image
from edge.perception.sight import FitFace, Looked, told
from edge.vocabulary import Probabilities

__all__ = ["Chooser", "blocks"]

_BLOCK: Final = 2.0
"""Seconds of film that are judged together."""
_CHANGED: Final = 0.3
_BETTER: Final = 0.2
_OTHERWISE: Final = 0.15
"""Share of probability between two judgements from which on what lies between them is judged as well."""
_APART: Final = 0.09
"""Seconds that lie between two judgements at first, whatever a face does."""
_CLOSE: Final = 0.15
"""Seconds between two judgements in which nothing more is looked for."""

Judge = Callable[[Sequence[Image]], Sequence[Probabilities | None]]


@dataclass(slots=True, eq=False)
class _Shown:
    """A face in one picture: its crop at a glance, and its scores once it has been judged."""

    face: FitFace
    at: float
    glance: Glance
    scores: Probabilities | None = None


class Chooser:
    """Concludes blocks of looks in their order; `judge` gives the scores of grey crops (48, 48).

    What is not judged has the scores of the last one of its track that was. A face that could not be judged
    and has none before it does not count.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._last: dict[int, _Shown] = {}
        self.judged = 0

    def conclude(self, block: Sequence[Looked]) -> Iterator[FaceObservation]:
        """One observation for each look. Raises EngineError when judging fails again and again."""
        tracks: dict[int, list[_Shown]] = {}
        for look in block:
            for face in look.due:
                tracks.setdefault(face.track, []).append(_Shown(face, look.at, glance(face.crop)))
        picked = {track: _picked(self._last.get(track), shown) for track, shown in tracks.items()}
        self._score(one for some in picked.values() for one in some)
        self._score(
            one
            for track, some in picked.items()
            for one in _between(self._last.get(track), some, tracks[track])
        )
        for look in block:
            yield self._told(look, {face.track: tracks[face.track].pop(0) for face in look.due})
        if block:
            present = {face.track for look in block for face in look.due}
            self._last = {track: last for track, last in self._last.items() if track in present}

    def _score(self, shown: Iterable[_Shown]) -> None:
        waiting = [one for one in shown if one.scores is None]
        self.judged += len(waiting)
        for one, scores in zip(waiting, self._judge([one.face.crop for one in waiting]), strict=True):
            one.scores = scores

    def _told(self, look: Looked, shown: dict[int, _Shown]) -> FaceObservation:
        for track, one in shown.items():
            if one.scores is not None:
                self._last[track] = one
        scored = tuple(index for index in look.counting if look.seen[index].track in self._last)
        return told(replace(look, counting=scored), self._scores)

    def _scores(self, track: int) -> Probabilities:
        scores = self._last[track].scores
        assert scores is not None
        return scores


def blocks(looks: Iterable[tuple[bool, Looked]]) -> Iterator[list[tuple[bool, Looked]]]:
    """Looks, each with whether it begins another scene, in blocks of two seconds of one scene."""
    block: list[tuple[bool, Looked]] = []
    for cut, look in looks:
        if block and (cut or not 0.0 <= look.at - block[0][1].at < _BLOCK):
            yield block
            block = []
        block.append((cut, look))
    if block:
        yield block


def _picked(last: _Shown | None, shown: Sequence[_Shown]) -> list[_Shown]:
    """Those that changed since the one before them that was picked, or come a quarter of a second later."""
    picked: list[_Shown] = []
    for one in shown:
        if last is None or _is_due(last, one):
            picked.append(one)
            last = one
    return picked


def _is_due(last: _Shown, now: _Shown) -> bool:
    if 0.0 <= now.at - last.at < _APART:
        return False
    if not 0.0 <= now.at - last.at < REST or abs(now.face.quality - last.face.quality) > _BETTER:
        return True
    return change(last.glance, now.glance) > _CHANGED


def _between(last: _Shown | None, picked: Sequence[_Shown], shown: Sequence[_Shown]) -> Iterator[_Shown]:
    """Those that were passed over between two judgements that disagree."""
    judged = [one for one in ([last] if last else []) + list(picked) if one.scores is not None]
    for a, b in pairwise(judged):
        assert a.scores is not None and b.scores is not None
        if b.at - a.at > _CLOSE and float(np.abs(a.scores - b.scores).sum()) / 2 > _OTHERWISE:
            yield from (one for one in shown if a.at < one.at < b.at)
