"""How the speakers of a recording share its time: talk, silence, overlap, interruptions; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.analysis.turns import Stretch, Turn

__all__ = ["Interruption", "interruptions", "overlaps", "silences", "total"]

_TALKED_OVER: Final = 0.2
_TOOK_OVER: Final = 1.0


@dataclass(frozen=True, slots=True)
class Interruption:
    """`speaker` began while `other` spoke, and went on when the other fell silent; `end` is when that was."""

    speaker: str
    other: str
    start: float
    end: float


def total(spans: Iterable[Stretch]) -> float:
    """Seconds of all spans together."""
    return sum(span.seconds for span in spans)


def overlaps(mine: Sequence[Stretch], theirs: Sequence[Stretch]) -> list[Stretch]:
    """When both speak; each in order of time."""
    found: list[Stretch] = []
    i = j = 0
    while i < len(mine) and j < len(theirs):
        start, end = max(mine[i].start, theirs[j].start), min(mine[i].end, theirs[j].end)
        if start < end:
            found.append(Stretch(start, end))
        if mine[i].end <= theirs[j].end:
            i += 1
        else:
            j += 1
    return found


def silences(speech: Iterable[Stretch], until: float) -> list[Stretch]:
    """When nobody speaks, up to the end of the sound."""
    found: list[Stretch] = []
    after = 0.0
    for stretch in sorted(speech, key=lambda one: one.start):
        if stretch.start > after:
            found.append(Stretch(after, stretch.start))
        after = max(after, stretch.end)
    if until > after:
        found.append(Stretch(after, until))
    return found


def interruptions(turns: Sequence[Turn]) -> list[Interruption]:
    """Turns that began in another's speech and outlived it, without nods and short assent."""
    found: list[Interruption] = []
    for turn in turns:
        for other in turns:
            cut = _cut(turn, other)
            if cut is not None:
                found.append(Interruption(turn.speaker, other.speaker, turn.start, cut))
    return found


def _cut(turn: Turn, other: Turn) -> float | None:
    """When `other` fell silent because `turn` began, None if it did not."""
    if turn.speaker == other.speaker or not other.start < turn.start < other.end < turn.end:
        return None
    spoken = next((s for s in other.stretches if s.start < turn.start < s.end), None)
    if spoken is None or min(spoken.end, turn.end) - turn.start < _TALKED_OVER:
        return None
    return other.end if turn.end - other.end >= _TOOK_OVER else None
