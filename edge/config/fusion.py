"""Fusion and smoothing: how readings become a mood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from edge.config.base import Label, Seconds, Section, Share, also_written_as

__all__ = ["FusionConfig", "SmoothingConfig", "Threshold", "ThresholdConfig"]


_EASILY_TOLD: Final[Mapping[Label, float]] = {
    "angry": 0.7,
    "disgust": 0.6,
    "happy": 0.3,
    "sad": 0.7,
    "surprise": 0.6,
}
"""Shares of neutral expected of newcomers, fitted on labelled streams of faces (docs/models.md)."""


class FusionConfig(Section):
    """How face and speech become one."""

    rule: Literal["loglinear", "fscore", "mean", "product"] = "loglinear"
    """`loglinear` is best calibrated; `fscore` weighs each sense by its F1 score per emotion."""
    face_weight: Annotated[float, Field(ge=0, le=5)] | None = None
    """Empty: as fitted with the models. Zero ignores the face."""
    speech_weight: Annotated[float, Field(ge=0, le=5)] | None = None
    """Empty: as fitted with the models. Zero ignores the voice."""
    face_stale: Annotated[float, Field(gt=0, le=60)] = 1.5
    """Seconds after which a face reading no longer counts; it fades over the second half."""
    speech_stale: Annotated[float, Field(gt=0, le=60)] = 4.0
    """Seconds after which a speech reading no longer counts; it fades over the second half."""
    min_quality: Share = 0.05
    """Readings of lower quality are ignored."""
    people: Literal["all", "subject", "strongest"] = "all"
    """Whose face makes the mood: everybody's, the most prominent one's (subject), or the most expressive."""
    baseline: bool = True
    """Learn what is usual for the voice at a microphone, or of a speaker of a recording, and take it off."""
    baseline_neutral: Annotated[float, Field(ge=0.1, le=0.9)] = 0.55
    """Share of neutral that is expected of a voice: 0.14 where every emotion is as frequent."""
    voice_neutral: Annotated[float, Field(ge=0.1, le=0.9)] = 0.25
    """Share of neutral that is expected of a window of speech: 0.14 takes the model at its word."""
    face_neutral: Annotated[float, Field(ge=0.1, le=0.9)] = 0.3
    """Share of neutral that is expected of a visitor's face: 0.14 takes the model at its word."""
    newcomer_neutral: Annotated[float, Field(ge=0.1, le=0.99)] = 0.8
    """The same while a visitor was never seen neutral: some look sad at rest."""
    newcomer_emotions: dict[Label, Annotated[float, Field(ge=0.1, le=0.99)]] = Field(
        default_factory=lambda: dict(_EASILY_TOLD)
    )
    """Smaller shares against single emotions, which are told from a face at rest more easily."""
    face_odds: dict[Label, Annotated[float, Field(ge=0.1, le=10)]] = Field(default_factory=dict)
    """How many times as frequent emotions of faces are as the model expects: it saw little disgust."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Somebody has to count."""
        if self.face_weight == 0 and self.speech_weight == 0:
            yield "face_weight", "face_weight and speech_weight are both 0: nothing would be left to fuse"


class ThresholdConfig(Section):
    """Thresholds of one emotion; what is left out is taken from the section."""

    enter: Share | None = None
    """Smoothed probability that makes it the mood."""
    exit: Share | None = None
    """Smoothed probability below which another mood may replace it."""
    dwell: Seconds | None = None
    """Seconds it must stay the most probable before it is accepted."""


@also_written_as(type="number", minimum=0, maximum=1)
def _bare_number_is_enter(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"enter": value} if is_number else value


Threshold = Annotated[ThresholdConfig, BeforeValidator(_bare_number_is_enter)]


_FITTED: Final[Mapping[Label, float]] = {
    "angry": 0.55,
    "happy": 0.65,
    "sad": 0.5,
    "surprise": 0.5,
}
"""Thresholds to enter, fitted on labelled streams of faces (docs/models.md)."""


def _fitted() -> dict[Label, ThresholdConfig]:
    return {label: ThresholdConfig(enter=enter) for label, enter in _FITTED.items()}


class SmoothingConfig(Section):
    """How a jittering estimate becomes a mood that changes only for a reason."""

    half_life: Annotated[float, Field(ge=0, le=60)] = 0.5
    """Seconds after which a reading has lost half its influence; 0 switches smoothing off."""
    enter: Share = 0.45
    """Smoothed probability that makes an emotion the mood."""
    exit: Share = 0.35
    """Smoothed probability below which the mood may be replaced."""
    dwell: Seconds = 0.8
    """Seconds a new emotion must stay the most probable; 0 lets a single reading decide."""
    absence: Annotated[float, Field(gt=0, le=86_400)] = 5.0
    """Seconds without any reading after which the mood is `none`."""
    thresholds: dict[Label, Threshold] = Field(default_factory=_fitted)
    """Other thresholds for single emotions: a number (enter) or enter, exit, dwell."""

    def enter_exit_dwell(self, label: Label) -> tuple[float, float, float]:
        """The limits that hold for one emotion."""
        own = self.thresholds.get(label, ThresholdConfig())
        enter = self.enter if own.enter is None else own.enter
        leave = min(self.exit, enter) if own.exit is None else own.exit
        return enter, leave, self.dwell if own.dwell is None else own.dwell

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """A mood must not be left above the threshold at which it is entered."""
        if self.exit > self.enter:
            yield (
                "exit",
                f"must not be above enter ({self.enter:g}), or the mood would flicker; got {self.exit:g}",
            )
        for label in self.thresholds:
            enter, leave, _ = self.enter_exit_dwell(label)
            if leave > enter:
                yield f"thresholds.{label}.exit", f"must not be above enter ({enter:g}); got {leave:g}"
