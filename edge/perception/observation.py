"""What the senses tell of one picture or one stretch of sound: the record that travels to the mood."""

from __future__ import annotations

from dataclasses import dataclass

from edge.vocabulary import Box, Reading

__all__ = ["FaceObservation", "FaceSighting", "SpeechObservation"]


@dataclass(frozen=True, slots=True)
class FaceSighting:
    """A face in one picture, judged or not: its track, box, score, quality and reasons against it.

    `mouth` is how much more its mouth moved than its upper half since the picture before; None: unknown.
    """

    track: int
    box: Box
    score: float
    quality: float
    reasons: tuple[str, ...]
    confirmed: bool
    mouth: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """One picture, looked at: readings of the faces fit to be judged, the subject's, and every face seen.

    `faces` counts those that more than one detection has confirmed, so that a single false alarm is nobody.
    `error` says why faces fit to be judged were not.
    """

    captured_at: float
    readings: tuple[Reading, ...] = ()
    subject: Reading | None = None
    faces: int = 0
    detected: tuple[FaceSighting, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SpeechObservation:
    """One stretch of sound, listened to: a reading when a window was due, and whether somebody speaks.

    `bandwidth` is how far up the window's voice reaches, in Hz.
    """

    captured_at: float
    reading: Reading | None = None
    speaking: bool = False
    bandwidth: float | None = None
