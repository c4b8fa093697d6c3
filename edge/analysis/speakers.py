"""What is told of each speaker: time, turns, loudness, pace, and what the voice sounded like; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.analysis.conversation import interruptions, overlaps, total
from edge.analysis.ears import Spoken
from edge.analysis.hearing import Heard, bandwidth
from edge.analysis.pace import syllables_per_second
from edge.analysis.turns import Mask, Stretch, Turn
from edge.analysis.verdicts import Span, decide, joined, span_document, summary, within
from edge.config.fusion import SmoothingConfig
from edge.vocabulary import LABELS

__all__ = ["Speaker", "Voice", "describe"]

QUARTER: Final = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """One speaker as found in the first pass: the channel, its voiced frames and its stretches of speech."""

    id: str
    heard: Heard
    mask: Mask
    speech: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """One speaker; times in seconds, loudness in dB of full scale, pace in syllables a second."""

    id: str
    talk: float
    silence: float
    overlap: float
    turns: tuple[Turn, ...]
    interruptions: int
    loudness: float | None
    pace: float | None
    bandwidth: float | None
    spans: tuple[Span, ...]
    quarters: tuple[float, float]
    """End of the first quarter of the recording and start of the last."""

    @property
    def abstained(self) -> float | None:
        """Share of the talking time of which no emotion was told: too short, too poor or too mixed."""
        time = sum(span.seconds for span in self.spans)
        told = sum(span.seconds for span in self.spans if span.emotion in LABELS)
        return round(1 - told / time, 4) if time else None

    @property
    def summary(self) -> dict[str, object]:
        """The prevailing emotion and the shares of the time in which one was told."""
        return summary(self.spans)

    def document(self) -> dict[str, object]:
        """The speaker's part of the JSON document."""
        return {
            "id": self.id,
            "talk_s": round(self.talk, 2),
            "silence_s": round(self.silence, 2),
            "overlap_s": round(self.overlap, 2),
            "turns": len(self.turns),
            "interruptions": self.interruptions,
            "loudness_dbfs": _rounded(self.loudness, 1),
            "syllables_per_s": _rounded(self.pace, 2),
            "bandwidth_hz": self.bandwidth,
            "summary": self.summary,
            "first_quarter": summary(within(self.spans, 0.0, self.quarters[0])),
            "last_quarter": summary(within(self.spans, self.quarters[1], float("inf"))),
            "abstained": self.abstained,
            "turn_times": [[round(turn.start, 2), round(turn.end, 2)] for turn in self.turns],
            "timeline": [span_document(span) for span in self.spans],
        }


def describe(
    voices: Sequence[Voice],
    turns: Sequence[Turn],
    spoken: Sequence[Spoken],
    smoothing: SmoothingConfig,
    until: float,
) -> list[Speaker]:
    """Every speaker, in the order of `voices`; `until` is the length of the recording."""
    speech = {voice.id: voice.speech for voice in voices}
    cuts = interruptions(turns)
    looks: dict[int, list[Spoken]] = {}
    for window in spoken:
        looks.setdefault(window.turn, []).append(window)
    spans: dict[str, list[Span]] = {voice.id: [] for voice in voices}
    for number, turn in enumerate(turns):
        own = [window.look for window in looks.get(number, [])]
        spans[turn.speaker] += decide(own, turn.start, turn.end, smoothing)
    return [
        Speaker(
            id=voice.id,
            talk=total(voice.speech),
            silence=max(0.0, until - total(voice.speech)),
            overlap=_overlap(voice.id, speech),
            turns=tuple(turn for turn in turns if turn.speaker == voice.id),
            interruptions=sum(cut.speaker == voice.id for cut in cuts),
            loudness=_loudness(voice),
            pace=syllables_per_second(voice.heard.formants, voice.heard.ends, voice.speech),
            bandwidth=bandwidth(voice.heard),
            spans=tuple(joined(sorted(spans[voice.id], key=lambda span: span.start))),
            quarters=(QUARTER * until, (1 - QUARTER) * until),
        )
        for voice in voices
    ]


def _overlap(speaker: str, speech: Mapping[str, Sequence[Stretch]]) -> float:
    own = speech[speaker]
    return sum(total(overlaps(own, other)) for name, other in speech.items() if name != speaker)


def _loudness(voice: Voice) -> float | None:
    levels = voice.heard.level[: len(voice.mask)][voice.mask]
    return float(10 * np.log10(np.mean(10 ** (levels / 10)))) if len(levels) else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
