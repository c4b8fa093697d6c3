"""Moments to listen to: the few places of a recording at which something changes or stands out; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.analysis.conversation import Interruption, overlaps, silences
from edge.analysis.speakers import Speaker, Voice
from edge.analysis.turns import Stretch
from edge.analysis.verdicts import Span, seconds_by_emotion
from edge.vocabulary import LABELS

__all__ = ["Moment", "in_faces", "in_speech", "most_telling"]

MOST: Final = 12
"""Moments told of one recording."""

_STRONG: Final = ("angry", "disgust", "fear", "sad", "happy", "surprise")
_PLEASANT: Final = ("happy", "surprise")
_USUAL: Final = 0.5
_LASTS: Final = 2.0
_LOUDER: Final = 8.0
_SILENT: Final = 10.0
_TOGETHER: Final = 2.0


@dataclass(frozen=True, slots=True)
class Moment:
    """From `start` to `end` in seconds; `who` is a speaker, a person's number, or None for all."""

    start: float
    end: float
    who: str | int | None
    why: str
    weight: float

    def document(self) -> dict[str, object]:
        """The moment's part of the JSON document."""
        key = "number" if isinstance(self.who, int) else "speaker"
        return {
            "start_s": round(self.start, 2),
            "end_s": round(self.end, 2),
            key: self.who,
            "why": self.why,
        }


def most_telling(moments: Iterable[Moment]) -> list[Moment]:
    """The twelve that stand out most, in order of time."""
    best = sorted(moments, key=lambda moment: -moment.weight)[:MOST]
    return sorted(best, key=lambda moment: moment.start)


def in_faces(number: int, spans: Sequence[Span]) -> list[Moment]:
    """What stands out in one person's face."""
    return _emotions(number, spans)


def in_speech(
    voices: Sequence[Voice], speakers: Sequence[Speaker], cuts: Sequence[Interruption], until: float
) -> list[Moment]:
    """What stands out in what was said, and in how the time was shared."""
    found: list[Moment] = []
    for voice, speaker in zip(voices, speakers, strict=True):
        found += _emotions(speaker.id, speaker.spans)
        found += [
            Moment(span.start, span.end, speaker.id, why, 0.6 + span.seconds / 20)
            for span, why in _loud(voice)
        ]
    found += [
        Moment(cut.start, cut.end, cut.speaker, f"interrupts {cut.other}", 0.5 + cut.end - cut.start)
        for cut in cuts
    ]
    return found + _together(voices, until)


def _emotions(who: str | int, spans: Sequence[Span]) -> list[Moment]:
    """Stretches of an emotion that is rare for this speaker or that lasts and is sure."""
    seconds = seconds_by_emotion(span for span in spans if span.emotion in LABELS)
    total = sum(seconds.values())
    found = []
    for before, span in zip([None, *spans], spans, strict=False):
        if span.emotion not in _STRONG or span.seconds < _LASTS:
            continue
        share = seconds[span.emotion] / total
        if share > _USUAL and span.emotion in _PLEASANT:
            continue
        told = f"{span.emotion} for {span.seconds:.0f} s, {span.confidence:.0%} sure"
        usual = max(seconds, key=seconds.__getitem__)
        if usual != span.emotion:
            told += f"; mostly {usual} otherwise"
        if before is not None and before.emotion in LABELS:
            told += f"; {before.emotion} just before"
        weight = span.confidence * (1.5 - share) * min(2.0, 0.5 + span.seconds / 10)
        found.append(Moment(span.start, span.end, who, told, weight))
    return found


def _loud(voice: Voice) -> list[tuple[Stretch, str]]:
    """Stretches much louder than the speaker's own usual."""
    usual = float(np.median(voice.heard.level[: len(voice.mask)][voice.mask])) if voice.mask.any() else 0.0
    found = []
    for stretch in voice.speech:
        if stretch.seconds < 1.0:
            continue
        first, last = np.searchsorted(voice.heard.ends, [stretch.start, stretch.end])
        above = float(np.median(voice.heard.level[first:last])) - usual
        if above >= _LOUDER:
            found.append((stretch, f"{above:.0f} dB louder than this speaker's usual"))
    return found


def _together(voices: Sequence[Voice], until: float) -> list[Moment]:
    speech = [stretch for voice in voices for stretch in voice.speech]
    if not speech:
        return []
    found = [
        Moment(gap.start, gap.end, None, f"nobody speaks for {gap.seconds:.0f} s", 0.3 + gap.seconds / 60)
        for gap in silences(speech, until)
        if gap.seconds >= _SILENT
    ]
    for index, voice in enumerate(voices):
        for other in voices[index + 1 :]:
            found += [
                Moment(
                    both.start, both.end, None, f"both speak for {both.seconds:.0f} s", 0.4 + both.seconds / 5
                )
                for both in overlaps(voice.speech, other.speech)
                if both.seconds >= _TOGETHER
            ]
    return found
