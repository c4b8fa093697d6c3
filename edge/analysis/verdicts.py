"""From windows that were judged to what a speaker or a person showed for how long; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.config.fusion import SmoothingConfig
from edge.mood.smoothing import LogFilter
from edge.vocabulary import LABELS, NONE, Probabilities

__all__ = [
    "UNSURE",
    "Look",
    "Span",
    "decide",
    "joined",
    "seconds_by_emotion",
    "shares",
    "span_document",
    "summary",
    "within",
]

UNSURE: Final = "unsure"
"""Judged, but no emotion was probable enough."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One window or picture that was judged: from `start` to `end` in seconds, and what was read."""

    start: float
    end: float
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class Span:
    """An emotion, `unsure` or `none` (nothing could be judged) from `start` to `end`."""

    start: float
    end: float
    emotion: str
    confidence: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


def decide(looks: Sequence[Look], start: float, end: float, smoothing: SmoothingConfig) -> list[Span]:
    """What was shown between `start` and `end`, a turn or a visit; without a look it is `none`.

    A look stands for the time that is nearer to its middle than to another's. An emotion is entered and
    left at the thresholds of the configuration, in between the one before holds.
    """
    if not looks:
        return [Span(start, end, NONE, 0.0)] if end > start else []
    return joined(_decisions(looks, start, end, smoothing))


def _decisions(looks: Sequence[Look], start: float, end: float, smoothing: SmoothingConfig) -> Iterator[Span]:
    """A span for each look; never all of a film at once."""
    steady, before = LogFilter(smoothing.half_life), UNSURE
    for look, since, until in zip(looks, *_borders(looks, start, end), strict=True):
        probabilities = steady.update(look.probabilities, look.end)
        before = _decided(probabilities, before, smoothing)
        confidence = 0.0 if before == UNSURE else float(probabilities[LABELS.index(before)])
        yield Span(since, until, before, confidence)


def _borders(looks: Sequence[Look], start: float, end: float) -> tuple[list[float], list[float]]:
    middles = np.array([(look.start + look.end) / 2 for look in looks])
    between = np.clip((middles[1:] + middles[:-1]) / 2, start, end).tolist()
    return [start, *between], [*between, end]


def _decided(probabilities: Probabilities, before: str, smoothing: SmoothingConfig) -> str:
    best, old = int(np.argmax(probabilities)), _index(before)
    if probabilities[best] >= smoothing.enter_exit_dwell(LABELS[best])[0]:
        return LABELS[best]
    held = old is not None and probabilities[old] >= smoothing.enter_exit_dwell(LABELS[old])[1]
    return before if held else UNSURE


def _index(emotion: str) -> int | None:
    return LABELS.index(emotion) if emotion in LABELS else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours of one emotion as one span, with their mean confidence by time; empty ones are dropped."""
    found: list[Span] = []
    for span in spans:
        if span.seconds <= 0:
            continue
        last = found[-1] if found else None
        if last is None or last.emotion != span.emotion or span.start - last.end > 1e-6:
            found.append(span)
            continue
        weight = last.seconds * last.confidence + span.seconds * span.confidence
        found[-1] = Span(last.start, span.end, span.emotion, weight / (last.seconds + span.seconds))
    return found


def within(spans: Iterable[Span], start: float, end: float) -> list[Span]:
    """The parts of the spans between two moments."""
    cut = (Span(max(span.start, start), min(span.end, end), span.emotion, span.confidence) for span in spans)
    return [span for span in cut if span.seconds > 0]


def seconds_by_emotion(spans: Iterable[Span]) -> dict[str, float]:
    """Seconds of each emotion, with `unsure` and `none`."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for span in spans:
        seconds[span.emotion] += span.seconds
    return dict(seconds)


def shares(spans: Iterable[Span]) -> dict[str, float]:
    """Share of each emotion in the time in which one was told; empty when there was none."""
    seconds = seconds_by_emotion(spans)
    told = sum(seconds.get(label, 0.0) for label in LABELS)
    return {label: round(seconds[label] / told, 4) for label in LABELS if seconds.get(label)} if told else {}


def summary(spans: Iterable[Span]) -> dict[str, object]:
    """The prevailing emotion and the shares of time; `unsure` and `none` only where no emotion was told."""
    spans = list(spans)
    own = shares(spans)
    judged = any(span.emotion == UNSURE for span in spans)
    prevailing = max(own, key=own.__getitem__) if own else UNSURE if judged else NONE
    return {"emotion": prevailing, "shares": own}


def span_document(span: Span) -> dict[str, object]:
    """One entry of a timeline in the JSON document."""
    return {
        "start_s": round(span.start, 2),
        "end_s": round(span.end, 2),
        "emotion": span.emotion,
        "confidence": round(span.confidence, 3),
    }
