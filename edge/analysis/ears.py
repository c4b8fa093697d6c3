"""The second pass over the sound: windows of each speaker are judged, none of them across two turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.frames import SECONDS, Slice
from edge.analysis.turns import Turn
from edge.analysis.verdicts import Look
from edge.config import Config
from edge.inference.classifier import Classifier
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import AudioChunk, Reading

__all__ = ["Ear", "Plan", "Spoken", "plan"]

Floats = NDArray[np.float32]
NOBODY: Final = -1
AROUND: Final = 3
"""Frames of silence that are heard before and after a turn, as the models were trained."""

_SILENT: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """For each frame: the number of the turn it belongs to (-1: none) and the probability of its speech."""

    turn: NDArray[np.int32]
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


def plan(turns: Sequence[Turn], speaker: str, ends: NDArray[np.float64], speech: Floats) -> Plan:
    """Which frames are heard as which of the speaker's turns; what lies outside is silence."""
    turn = np.full(len(ends), NOBODY, np.int32)
    for number, one in enumerate(turns):
        if one.speaker == speaker:
            first, last = np.searchsorted(ends, [one.start + SECONDS / 2, one.end + SECONDS / 2])
            for begin, end in ((max(0, first - AROUND), first), (last, last + AROUND)):
                free = (turn[begin:end] == NOBODY) & (speech[begin:end] < _SILENT)
                turn[begin:end][free] = number
            turn[first:last] = number
    return Plan(turn, np.where(turn == NOBODY, np.float32(0), speech))


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

    def close(self) -> None:
        """Nothing is open."""


class Ear:
    """Judges one speaker's turns as their frames come by; sound outside of them is never looked at."""

    def __init__(
        self, speaker: str, plan: Plan, *, classifier: Classifier, config: Config, clock: Callable[[], float]
    ) -> None:
        self._speaker = speaker
        self._plan = plan
        self._replay = Replay(plan.speech)
        self._pipeline = SpeechPipeline(
            vad=self._replay, classifier=classifier, config=config.microphone, clock=clock
        )
        self._window = config.microphone.vad.window
        self._turn = NOBODY
        self._since = 0.0

    @property
    def speaking(self) -> bool:
        """Whether the speaker has the word."""
        return self._turn != NOBODY

    def take(self, cut: Slice) -> Iterator[Spoken]:
        """The windows that became due with these frames."""
        turn = self._plan.turn[cut.first : cut.first + len(cut.frames)]
        borders = [0, *(np.flatnonzero(np.diff(turn)) + 1).tolist(), len(turn)]
        for first, last in pairwise(borders):
            if first < last:
                yield from self._same(int(turn[first]), cut, first, last)

    def _same(self, turn: int, cut: Slice, first: int, last: int) -> Iterator[Spoken]:
        if turn != self._turn:
            self._turn, self._since = turn, float(cut.ends[first]) - SECONDS
            self._pipeline.begin()
        if turn == NOBODY:
            return
        self._replay.next = cut.first + first
        chunk = AudioChunk(cut.frames[first:last].reshape(-1), float(cut.ends[last - 1]))
        for heard in self._pipeline.process(chunk):
            if heard.reading is not None:
                start = max(self._since, heard.captured_at - self._window)
                yield Spoken(heard.reading, self._speaker, turn, start)
