"""The moods that readings lead to, for many configurations at once and without the models.

What a room does with one face is repeated here on arrays over configurations and stretches of a stream; a
test holds it to what the room itself says (`scoring.moods`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.scoring import Change
from edge.config import Config
from edge.mood.pooling import FLOOR
from edge.mood.talking import Talking
from edge.mood.usual import HALF_LIFE, LOOKED, SEEN, doubts
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, NONE, softmax

__all__ = ["Stretches", "cut", "replayed"]

Array = NDArray[np.float64]
_NEUTRAL: Final = LABELS.index("neutral")
_NOTHING: Final = -1


@dataclass(frozen=True, eq=False)
class Stretches:
    """Readings of one face at a time, cut where everything is forgotten; the longest stretches come first.

    `at` (s, t) in seconds, `new` (s, t) whether somebody else is read, `logs` (s, t, 7) of the probabilities,
    `length` (s,) how many there are, `forgotten` (s,) when; infinite at the end of the stream.
    """

    at: Array
    new: NDArray[np.bool_]
    logs: Array
    length: NDArray[np.int64]
    forgotten: Array


@dataclass(slots=True, eq=False)
class _Rows:
    at: list[float]
    new: list[bool]
    logs: list[Array]


def replayed(stretches: Stretches, configs: Sequence[Config]) -> list[list[Change]]:
    """Changes of mood (when, which) for each configuration; all have one `smoothing.absence`."""
    moods = _Moods(configs, len(stretches.at))
    changes: list[list[Change]] = [[] for _ in configs]
    for step in range(stretches.at.shape[1]):
        for c, s in np.argwhere(moods.read(stretches, step)):
            changes[c].append((float(stretches.at[s, step]), LABELS[moods.mood[c, s]]))
    for s, moment in enumerate(stretches.forgotten):
        for c in np.flatnonzero(moods.mood[:, s] != _NOTHING) if np.isfinite(moment) else ():
            changes[c].append((float(moment), NONE))
    return [sorted(each) for each in changes]


class _Moods:
    """What is remembered by each configuration (c) in each stretch (s)."""

    def __init__(self, configs: Sequence[Config], stretches: int) -> None:
        shape = len(configs), stretches
        fusion = [config.fusion for config in configs]
        share = np.array([one.face_neutral for one in fusion])
        odds = np.array([[one.face_odds.get(label, 1.0) for label in LABELS] for one in fusion])
        odds[:, _NEUTRAL] *= share / (1 - share) * (len(LABELS) - 1)
        self._expected = np.log(odds)[:, None]
        self._doubts = np.log(np.stack([doubts(one) for one in fusion]))[:, None]
        smoothing = [config.smoothing for config in configs]
        self._half_life = np.maximum([one.half_life for one in smoothing], 1e-9)[:, None, None]
        limits = np.array([[one.enter_exit_dwell(label) for label in LABELS] for one in smoothing])
        self._enter, self._exit, self._dwell = np.moveaxis(limits, 2, 0)
        self._rows = np.arange(shape[0])[:, None]
        self._steady = np.zeros((*shape, len(LABELS)))
        self._smooth = np.zeros((*shape, len(LABELS)))
        self._was_neutral = np.zeros(shape, dtype=bool)
        self._since = np.zeros(stretches)
        self._candidate = np.full(shape, _NOTHING)
        self._candidate_since = np.zeros(shape)
        self.mood = np.full(shape, _NOTHING)

    def read(self, stretches: Stretches, step: int) -> NDArray[np.bool_]:
        """Take in the reading at `step` of every stretch that has one; where the mood changed (c, s)."""
        n = int((stretches.length > step).sum())
        at, new = stretches.at[:n, step], stretches.new[:n, step]
        elapsed = at - stretches.at[:n, step - 1] if step else np.full(n, np.inf)
        usual = _log(softmax(stretches.logs[None, :n, step] + self._expected))
        read = _log(softmax(usual + self._doubt(usual, at, elapsed, new)))
        smooth = self._smooth[:, :n]
        smooth += (1 - 0.5 ** (elapsed[None, :, None] / self._half_life)) * (read - smooth)
        return self._decide(softmax(smooth), at)

    def _doubt(self, usual: Array, at: Array, elapsed: Array, new: NDArray[np.bool_]) -> Array:
        n = len(at)
        steady, was_neutral, since = self._steady[:, :n], self._was_neutral[:, :n], self._since[:n]
        steady += np.where(new, 1.0, 1 - 0.5 ** (elapsed / HALF_LIFE))[None, :, None] * (usual - steady)
        since[new] = at[new]
        was_neutral &= ~new
        was_neutral |= (at - since >= LOOKED) & (softmax(steady)[..., _NEUTRAL] >= SEEN)
        return np.asarray(~was_neutral[..., None] * self._doubts)

    def _decide(self, p: Array, at: Array) -> NDArray[np.bool_]:
        n = len(at)
        mood, candidate = self.mood[:, :n], self._candidate[:, :n]
        candidate_since = self._candidate_since[:, :n]
        best, share = p.argmax(axis=2), p.max(axis=2)
        before = np.maximum(mood, 0)
        now = np.take_along_axis(p, before[..., None], axis=2)[..., 0]
        held = (mood != _NOTHING) & (now >= self._exit[self._rows, before])
        challenges = (best != mood) & (share >= self._enter[self._rows, best]) & ~held
        np.copyto(candidate_since, at, where=challenges & (best != candidate))
        changed = challenges & (at - candidate_since >= self._dwell[self._rows, best])
        candidate[:] = np.where(challenges & ~changed, best, _NOTHING)
        np.copyto(mood, best, where=changed)
        return np.asarray(changed)


def _log(probabilities: Array) -> Array:
    return np.asarray(np.log(np.maximum(probabilities, FLOOR)))


def cut(seen: Sequence[FaceObservation], absence: float) -> Stretches:
    """A stream cut where nobody was there for so many seconds that the mood is none."""
    talking = Talking()
    visit: int | None = None
    last: float | None = None
    found, ends, rows = list[_Rows](), list[float](), _Rows([], [], [])
    for one in map(talking.compose, seen):
        at = one.captured_at
        if one.readings:
            reading = one.readings[0]
            rows.at.append(at)
            rows.new.append(not rows.at[:-1] or reading.track != visit)
            rows.logs.append(_log(np.asarray(reading.probabilities)))
            visit, last = reading.track, at
        elif last is None:
            continue
        elif one.faces:
            last = at
        elif at - last >= absence:
            found.append(rows)
            ends.append(at)
            rows, last = _Rows([], [], []), None
    if rows.at:
        found.append(rows)
        ends.append(np.inf)
    return _padded(found, ends)


def _padded(found: Sequence[_Rows], ends: Sequence[float]) -> Stretches:
    order = sorted(range(len(found)), key=lambda s: -len(found[s].at))
    shape = len(found), max(len(rows.at) for rows in found)
    at, new = np.zeros(shape), np.zeros(shape, dtype=bool)
    logs = np.zeros((*shape, len(LABELS)))
    for s, rows in enumerate(found[number] for number in order):
        n = len(rows.at)
        at[s, :n], new[s, :n], logs[s, :n] = rows.at, rows.new, np.stack(rows.logs)
    length = np.array([len(found[number].at) for number in order])
    return Stretches(at, new, logs, length, np.array([ends[number] for number in order]))
