"""Single readings as they stand in the JSON document and in the CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from heapq import merge
from typing import Any, Final, TextIO

from edge.analysis.ears import Spoken
from edge.analysis.timeline import FusedPoint
from edge.vocabulary import LABELS, Probabilities, Reading, by_label

__all__ = ["COLUMNS", "face_point", "fused_point", "speech_point", "write_rows"]

COLUMNS: Final = (
    "t", "kind", "emotion", "confidence", *LABELS,
    "number", "speaker", "start_s", "quality", "x", "y", "w", "h",
)  # fmt: skip
"""Of the CSV: one row a reading; a face has `number` and box, speech has `speaker` and `start_s`."""


def face_point(reading: Reading) -> dict[str, Any]:
    """One face in one picture."""
    box = [round(value, 4) for value in reading.box] if reading.box is not None else None
    return {**_read(reading), "number": reading.track, "box": box, "quality": round(reading.quality, 3)}


def speech_point(spoken: Spoken) -> dict[str, Any]:
    """One window of speech; `t` is its end."""
    return {
        **_read(spoken.reading),
        "speaker": spoken.speaker,
        "start_s": round(spoken.start, 3),
        "quality": round(spoken.reading.quality, 3),
    }


def fused_point(point: FusedPoint, speaker: str | None) -> dict[str, Any]:
    """The steadied estimate of the room, or of one speaker."""
    return {
        "t": round(point.t, 3),
        "emotion": point.emotion,
        "confidence": round(point.confidence, 3),
        "probabilities": by_label(point.probabilities),
        "sources": list(point.sources),
        **({} if speaker is None else {"speaker": speaker}),
    }


def _read(reading: Reading) -> dict[str, Any]:
    return {
        "t": round(reading.captured_at, 3),
        "emotion": reading.emotion,
        "probabilities": by_label(reading.probabilities),
    }


def write_rows(
    face: Iterator[Reading],
    speech: Iterator[Spoken],
    fused: Iterator[tuple[FusedPoint, str | None]],
    out: TextIO,
) -> None:
    """The CSV: all readings and fused points in order of time."""
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    rows = (
        ({"kind": "face", **_face_cells(one)} for one in face),
        ({"kind": "speech", **_speech_cells(one)} for one in speech),
        ({"kind": "fused", **_fused_cells(point, speaker)} for point, speaker in fused),
    )
    for row in merge(*rows, key=lambda row: float(row["t"])):
        writer.writerow(row)


def _cells(t: float, emotion: str, confidence: float, probabilities: Probabilities) -> dict[str, Any]:
    cells = {"t": f"{t:.3f}", "emotion": emotion, "confidence": f"{confidence:.3f}"}
    return cells | {label: f"{p:.4f}" for label, p in zip(LABELS, probabilities, strict=True)}


def _reading_cells(one: Reading) -> dict[str, Any]:
    cells = _cells(one.captured_at, one.emotion, float(one.probabilities.max()), one.probabilities)
    return cells | {"quality": f"{one.quality:.3f}"}


def _face_cells(one: Reading) -> dict[str, Any]:
    box = dict(zip("xywh", (f"{value:.4f}" for value in one.box), strict=True)) if one.box else {}
    return {**_reading_cells(one), "number": one.track, **box}


def _speech_cells(one: Spoken) -> dict[str, Any]:
    return {**_reading_cells(one.reading), "speaker": one.speaker, "start_s": f"{one.start:.3f}"}


def _fused_cells(point: FusedPoint, speaker: str | None) -> dict[str, Any]:
    return {**_cells(point.t, point.emotion, point.confidence, point.probabilities), "speaker": speaker or ""}
