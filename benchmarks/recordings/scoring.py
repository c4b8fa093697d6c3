"""What `analyze` told of a built call, against its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import Self

from benchmarks.calls.building import Call, Turn
from edge.analysis.recording import Recording
from edge.vocabulary import LABELS

__all__ = ["Score", "score"]

_SLACK: Final = 0.25
"""Seconds by which a window may reach beyond a turn: the silence around it that the models are used to."""


@dataclass(frozen=True)
class Score:
    """Counts of windows, and seconds of speech: `astray` were given to the wrong speaker or missed."""

    windows: int
    right: int
    crossing: int
    foreign: int
    talk: float
    astray: float

    @classmethod
    def joined(cls, scores: Sequence[Self]) -> Self:
        """All calls together."""
        return cls(*(sum(getattr(one, name) for one in scores) for name in cls.__dataclass_fields__))

    def document(self) -> dict[str, Any]:
        """Shares of windows and of the time of speech."""
        windows = max(1, self.windows)
        return {
            "windows": self.windows,
            "right": round(self.right / windows, 3),
            "turn_crossing": self.crossing,
            "wrong_speaker": round(self.foreign / windows, 3),
            "speech_s": round(self.talk, 1),
            "time_error": round(self.astray / max(self.talk, 1e-9), 3),
        }


def score(call: Call, recording: Recording) -> Score:
    """Count; speakers without a channel are matched to those of the truth as fits best."""
    names = _names(call, recording)
    right = crossing = foreign = 0
    for one in recording.spoken:
        end = one.reading.captured_at
        touched = [turn for turn in call.turns if _shared(turn, one.start, end) > _SLACK]
        crossing += len({turn.speaker for turn in touched}) > 1
        whose = max(call.turns, key=lambda turn: _shared(turn, one.start, end), default=None)
        foreign += whose is not None and names.get(one.speaker, whose.speaker) != whose.speaker
        right += whose is not None and LABELS[whose.label] == one.reading.emotion
    talk = sum(turn.end - turn.start for turn in call.turns)
    found = sum(_found(recording, names, turn) for turn in call.turns)
    return Score(len(recording.spoken), right, crossing, foreign, talk, max(0.0, talk - found))


def _names(call: Call, recording: Recording) -> dict[str, str]:
    people = list(dict.fromkeys(turn.speaker for turn in call.turns))
    ids = [speaker.id for speaker in recording.speakers]
    if len(ids) < 2:
        return {}
    forward = dict(zip(ids, people, strict=False))
    backward = dict(zip(ids, reversed(people), strict=False))
    fits = [sum(_found(recording, names, turn) for turn in call.turns) for names in (forward, backward)]
    return forward if fits[0] >= fits[1] else backward


def _found(recording: Recording, names: dict[str, str], turn: Turn) -> float:
    """Seconds of the turn that were taken for its speaker's."""
    return sum(
        max(0.0, min(stretch.end, turn.end) - max(stretch.start, turn.start))
        for speaker in recording.speakers
        if names.get(speaker.id, turn.speaker) == turn.speaker
        for own in speaker.turns
        for stretch in own.stretches
    )


def _shared(turn: Turn, start: float, end: float) -> float:
    return min(turn.end, end) - max(turn.start, start)
