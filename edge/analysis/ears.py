"""The second pass over the sound: windows of each speaker are cut out, none of them across two turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.frames import SECONDS, Slice
from edge.analysis.turns import Turn
from edge.analysis.verdicts import Look
from edge.config.models import VadConfig
from edge.perception.segmenter import Utterance
from edge.perception.speech import Hearing
from edge.vocabulary import AudioChunk, Reading

__all__ = ["Ear", "Plan", "Spoken", "Window", "plan"]

Floats = NDArray[np.float32]
NOBODY: Final = -1
AROUND: Final = 3
"""Frames of silence that are heard before and after a turn, as the models were trained."""

_SILENT: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """For each frame: the number of its turn (-1: none), of its piece, and the probability of its speech.

    No window reaches from one piece into another; a turn is one piece unless it is cut at its pauses.
    """

    turn: NDArray[np.int32]
    piece: NDArray[np.int32]
    speech: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A window of speech that was judged: whose it is, in which turn, and from when."""

    reading: Reading
    speaker: str
    turn: int
    start: float

    @property
    def look(self) -> Look:
        """The window without its origin."""
        return Look(self.start, self.reading.captured_at, self.reading.probabilities)


def plan(
    turns: Sequence[Turn],
    speaker: str,
    ends: NDArray[np.float64],
    speech: Floats,
    *,
    cut_at_pauses: bool = False,
) -> Plan:
    """Which frames are heard as which of the speaker's turns; what lies outside is silence.

    `cut_at_pauses` where it is not sure that one speaker goes on after a pause.
    """
    turn = np.full(len(ends), NOBODY, np.int32)
    starts = np.zeros(len(ends), np.bool_)
    for number, one in enumerate(turns):
        if one.speaker == speaker:
            first, last = np.searchsorted(ends, [one.start + SECONDS / 2, one.end + SECONDS / 2])
            for begin, end in ((max(0, first - AROUND), first), (last, last + AROUND)):
                free = (turn[begin:end] == NOBODY) & (speech[begin:end] < _SILENT)
                turn[begin:end][free] = number
            turn[first:last] = number
            if cut_at_pauses:
                begins = [stretch.start + SECONDS / 2 for stretch in one.stretches[1:]]
                starts[np.maximum(np.searchsorted(ends, begins) - AROUND, first)] = True
    piece = np.where(turn == NOBODY, NOBODY, np.cumsum(starts | (np.diff(turn, prepend=NOBODY) != 0)))
    return Plan(turn, piece.astype(np.int32), np.where(turn == NOBODY, np.float32(0), speech))


class Replay:
    """Gives the voice activity that the first pass found, frame by frame."""

    def __init__(self, speech: Floats) -> None:
        self._speech = speech
        self.next = 0

    def probabilities(self, frames: Floats) -> Floats:
        """What was found for the next frames."""
        self.next += len(frames)
        return self._speech[self.next - len(frames) : self.next]

    def reset(self) -> None:
        """Nothing is remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A window of speech that is to be judged: whose it is, in which turn, and from when."""

    utterance: Utterance
    speaker: str
    turn: int
    start: float

    @property
    def at(self) -> float:
        """Its end in seconds."""
        return self.utterance.window.captured_at


class Ear:
    """Cuts one speaker's turns into windows as their frames come by; sound outside of them is dropped."""

    def __init__(self, speaker: str, plan: Plan, config: VadConfig) -> None:
        self._speaker = speaker
        self._plan = plan
        self._replay = Replay(plan.speech)
        self._hearing = Hearing(vad=self._replay, config=config)
        self._window = config.window
        self._piece = NOBODY
        self._since = 0.0

    def take(self, cut: Slice) -> Iterator[Window]:
        """The windows that became due with these frames."""
        piece = self._plan.piece[cut.first : cut.first + len(cut.frames)]
        borders = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(piece)]
        for first, last in pairwise(borders):
            if first < last:
                yield from self._same(int(piece[first]), cut, first, last)

    def _same(self, piece: int, cut: Slice, first: int, last: int) -> Iterator[Window]:
        turn = int(self._plan.turn[cut.first + first])
        if piece != self._piece:
            self._piece, self._since = piece, float(cut.ends[first]) - SECONDS
            self._hearing.begin()
        if turn == NOBODY:
            return
        self._replay.next = cut.first + first
        chunk = AudioChunk(cut.frames[first:last].reshape(-1), float(cut.ends[last - 1]))
        for utterance in self._hearing.take(chunk):
            start = max(self._since, utterance.window.captured_at - self._window)
            yield Window(utterance, self._speaker, turn, start)
