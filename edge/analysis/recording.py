"""All that was found in one file, and the JSON document of it (schema 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge import __version__
from edge.analysis.ears import Spoken
from edge.analysis.moments import Moment
from edge.analysis.people import Person
from edge.analysis.speakers import Speaker
from edge.analysis.timeline import Timeline
from edge.analysis.verdicts import summary

__all__ = ["SCHEMA", "Recording"]

SCHEMA: Final = 2


@dataclass(slots=True)
class Recording:
    """One file, read from beginning to end."""

    timeline: Timeline
    options: Mapping[str, object]
    models: Mapping[str, str]
    """Name of each model used → SHA-256 of its file."""
    spoken: list[Spoken] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    fused_speaker: list[str | None] = field(default_factory=list)
    """Whose each point of `timeline.fused` is; None: the room's."""

    @property
    def bandwidth(self) -> float | None:
        """Highest frequency in Hz that the voices reach: 4000 for a telephone call; None without a voice."""
        return max((one.bandwidth for one in self.speakers if one.bandwidth), default=None)

    def summary(self) -> dict[str, object]:
        """The whole file's: of pictures and sound together, or of all speakers where there is no picture."""
        whole = self.timeline.summary()
        if self.timeline.frames_read or not self.speakers:
            return whole
        told = summary([span for speaker in self.speakers for span in speaker.spans])
        return told if told["shares"] else {**whole, "shares": {}}

    def document(self, elapsed: float) -> dict[str, object]:
        """The JSON document; `elapsed` is the working time in seconds."""
        document: dict[str, Any] = self.timeline.document(elapsed)
        for point, reading in zip(document["face"], self.timeline.face, strict=True):
            point["number"] = reading.track
        for point, spoken in zip(document["speech"], self.spoken, strict=True):
            point["speaker"] = spoken.speaker
            point["start_s"] = round(spoken.start, 3)
        for point, speaker in zip(document["fused"], self.fused_speaker, strict=True):
            if speaker is not None:
                point["speaker"] = speaker
        return document | {
            "schema": SCHEMA,
            "version": __version__,
            "models": dict(self.models),
            "options": dict(self.options),
            "summary": self.summary(),
            "people": [person.document() for person in self.people],
            "speakers": [speaker.document() for speaker in self.speakers],
            "moments": [moment.document() for moment in self.moments],
            "bandwidth_hz": self.bandwidth,
        }
