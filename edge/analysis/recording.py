"""All that was found in one file, and the JSON document of it (schema 2)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TextIO

from edge import __version__
from edge.analysis.ears import Spoken
from edge.analysis.moments import Moment
from edge.analysis.people import Person
from edge.analysis.points import face_point, fused_point, speech_point, write_rows
from edge.analysis.speakers import Speaker
from edge.analysis.timeline import FusedPoint, Timeline
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

    def document(self, elapsed: float) -> dict[str, Any]:
        """The JSON document; `elapsed` is the working time in seconds."""
        parts = self._parts(elapsed)
        return {key: list(value) if isinstance(value, Iterator) else value for key, value in parts.items()}

    def write_json(self, elapsed: float, out: TextIO) -> None:
        """The JSON document, point by point: a film of hours is never in memory as text."""
        before = "{\n"
        for key, value in self._parts(elapsed).items():
            out.write(f'{before}  "{key}": ')
            before = ",\n"
            if isinstance(value, Iterator):
                _write_points(value, out)
            else:
                out.write(json.dumps(value, ensure_ascii=False))
        out.write("\n}\n")

    def write_csv(self, out: TextIO) -> None:
        """One row a reading, in order of time; columns as in `edge.analysis.points`."""
        write_rows(iter(self.timeline.face), iter(self.spoken), self._fused(), out)

    def _fused(self) -> Iterator[tuple[FusedPoint, str | None]]:
        return zip(self.timeline.fused, self.fused_speaker, strict=True)

    def _parts(self, elapsed: float) -> dict[str, Any]:
        timeline = self.timeline
        return {
            "schema": SCHEMA,
            "version": __version__,
            "file": timeline.file,
            "duration_s": None if timeline.duration is None else round(timeline.duration, 3),
            "frames_read": timeline.frames_read,
            "frames_with_face": timeline.frames_with_face,
            "faces": timeline.faces,
            "unjudged": dict(timeline.unjudged),
            "speech_windows": timeline.speech_windows,
            "damaged": timeline.damaged,
            "sound_track": None if timeline.sound_track is None else asdict(timeline.sound_track),
            "notes": list(timeline.notes),
            "bandwidth_hz": self.bandwidth,
            "summary": self.summary(),
            "people": [person.document() for person in self.people],
            "speakers": [speaker.document() for speaker in self.speakers],
            "moments": [moment.document() for moment in self.moments],
            "models": dict(self.models),
            "options": dict(self.options),
            "elapsed_s": round(elapsed, 3),
            "face": (face_point(reading) for reading in timeline.face),
            "speech": (speech_point(spoken) for spoken in self.spoken),
            "fused": (fused_point(point, speaker) for point, speaker in self._fused()),
        }


def _write_points(points: Iterator[Mapping[str, Any]], out: TextIO) -> None:
    before = "["
    for point in points:
        out.write(f"{before}\n    {json.dumps(point, ensure_ascii=False)}")
        before = ","
    out.write("[]" if before == "[" else "\n  ]")
