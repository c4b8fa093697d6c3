"""What is usual for each speaker of a recording, known before any of it is told: in two passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.analysis.ears import Spoken
from edge.config.fusion import FusionConfig
from edge.mood.baseline import evened

__all__ = ["with_baselines"]


def with_baselines(spoken: Sequence[Spoken], fusion: FusionConfig) -> list[Spoken]:
    """The windows in order of time, each as it is for its speaker; as they are where this is switched off."""
    ordered = sorted(spoken, key=lambda one: one.reading.captured_at)
    if not fusion.baseline:
        return ordered
    corrected = {
        speaker: iter(
            evened([one.reading for one in ordered if one.speaker == speaker], fusion.baseline_neutral)
        )
        for speaker in {one.speaker for one in ordered}
    }
    return [replace(one, reading=next(corrected[one.speaker])) for one in ordered]
