"""What the speech pipeline says to calls, window by window, against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from benchmarks.calls.building import Call, Turn
from edge.config.models import FusionConfig
from edge.evaluation.metrics import metrics
from edge.mood.baseline import Baseline as SpeakerBaseline
from edge.mood.baseline import evened
from edge.mood.usual import usual_reading
from edge.perception.features import WINDOW_SECONDS
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import LABELS, SAMPLE_RATE, AudioChunk, Reading

Baseline = Literal["none", "live", "two passes"]
BASELINES: Final[tuple[Baseline, ...]] = ("none", "live", "two passes")
_FUSION: Final = FusionConfig()
NEUTRAL_SHARE: Final = _FUSION.baseline_neutral
Heard = tuple[list[Reading], list[Turn | None]]

_CHUNK: Final = SAMPLE_RATE // 10
_CLEAR: Final = 0.8
"""Share of the speech in a window that must have one emotion for its truth to be clear."""


@dataclass(frozen=True, eq=False)
class Judged:
    """One window: what was said (7,), the truth, and the speaker."""

    probabilities: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    label: int
    speaker: str


def listen(call: Call, pipeline: SpeechPipeline, offset: float = 0.0) -> list[Heard]:
    """All readings of each channel, in order of time, each with the turn that fills its window, if one does.

    `offset` (s) sets calls apart in time.
    """
    found: list[Heard] = []
    for channel, samples in enumerate(call.channels):
        turns = [turn for turn in call.turns if turn.channel == channel]
        base = offset + channel * (len(samples) / SAMPLE_RATE + 60.0)
        readings: list[Reading] = []
        truths: list[Turn | None] = []
        for start in range(0, len(samples) - _CHUNK + 1, _CHUNK):
            end = base + (start + _CHUNK) / SAMPLE_RATE
            for heard in pipeline.process(AudioChunk(samples[start : start + _CHUNK], end)):
                if heard.reading is not None:
                    readings.append(heard.reading)
                    truths.append(truth_at(turns, heard.captured_at - base))
        found.append((readings, truths))
    return found


def scored(heard: Heard, baseline: Baseline) -> list[Judged]:
    """What one channel's readings with a clear truth are with its own baseline: none, as it is learnt
    live, or in two passes."""
    readings, truths = heard
    if baseline == "live":
        learnt = SpeakerBaseline(NEUTRAL_SHARE)
        readings = [learnt.hear(reading) for reading in readings]
    elif baseline == "two passes":
        readings = list(evened(readings, NEUTRAL_SHARE))
    if baseline != "none":
        readings = [usual_reading(reading, _FUSION.voice_neutral) for reading in readings]
    return [
        Judged(reading.probabilities.astype(np.float64), turn.label, turn.speaker)
        for reading, turn in zip(readings, truths, strict=True)
        if turn is not None
    ]


def truth_at(turns: Sequence[Turn], end: float) -> Turn | None:
    """Whose window of 3 s ends then; None where nobody speaks, or with several emotions or people."""
    begin = end - WINDOW_SECONDS
    shares = [(max(0.0, min(turn.end, end) - max(turn.start, begin)), turn) for turn in turns]
    total = sum(seconds for seconds, _ in shares)
    turn = max(shares, key=lambda each: each[0])[1] if shares else None
    if turn is None or total == 0.0:
        return None
    alike = sum(s for s, other in shares if (other.label, other.speaker) == (turn.label, turn.speaker))
    return turn if alike >= _CLEAR * total else None


def summary(judged: Iterable[Judged]) -> dict[str, Any]:
    """Accuracy, macro-F1 and UAR over all windows, what is said, and neutral recall of every speaker."""
    windows = list(judged)
    if not windows:
        return {"n": 0}
    p = np.stack([each.probabilities for each in windows])
    labels = np.array([each.label for each in windows], dtype=np.int64)
    speakers = np.array([each.speaker for each in windows])
    guesses, neutral = p.argmax(axis=1), LABELS.index("neutral")
    figures = metrics(p, labels)
    recall = {
        name: float((guesses[rows] == neutral).mean())
        for name in sorted(set(speakers.tolist()))
        if (rows := (speakers == name) & (labels == neutral)).sum() >= 3
    }
    return {
        "n": len(windows),
        **{name: figures[name] for name in ("accuracy", "macro_f1", "uar", "ece")},
        "said": {label: float((guesses == k).mean()) for k, label in enumerate(LABELS)},
        "neutral_recall": recall,
        "worst_neutral_recall": min(recall.values()) if recall else None,
        "speakers_with_80_percent": sum(value >= 0.8 for value in recall.values()),
    }


__all__ = ["BASELINES", "Baseline", "Heard", "Judged", "listen", "scored", "summary", "truth_at"]
