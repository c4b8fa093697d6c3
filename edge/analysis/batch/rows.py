"""The summary of many recordings: one row a file and speaker or person."""

from __future__ import annotations

from typing import Any, Final

from edge.analysis.recording import Recording
from edge.vocabulary import LABELS

__all__ = ["COLUMNS", "failed_row", "rows"]

COLUMNS: Final = (
    "file", "name", "kind", "id", "duration_s", "talk_s", "silence_s", "overlap_s", "turns", "interruptions",
    "loudness_dbfs", "syllables_per_s", "bandwidth_hz", "emotion", *LABELS, "abstained", "first_quarter",
    "last_quarter", "moments", "damaged", "error",
)  # fmt: skip
"""`kind` is speaker, person or file (nobody was found); the seven emotions are shares of time."""

_SPOKEN: Final = (
    "talk_s", "silence_s", "overlap_s", "turns", "interruptions", "loudness_dbfs", "syllables_per_s",
    "bandwidth_hz", "abstained",
)  # fmt: skip


def rows(recording: Recording, name: str) -> list[dict[str, Any]]:
    """The rows of one recording."""
    common = {
        "file": recording.timeline.file,
        "name": name,
        "duration_s": _rounded(recording.timeline.duration),
        "damaged": recording.timeline.damaged,
    }
    told = [moment.who for moment in recording.moments]
    found = [
        {**common, "kind": "speaker", **_speaker(speaker.document()), "moments": told.count(speaker.id)}
        for speaker in recording.speakers
    ]
    found += [
        {
            **common,
            "kind": "person",
            **_summed(person.document(), "number"),
            "moments": told.count(person.number),
        }
        for person in recording.people
    ]
    whole = {**common, "kind": "file", **_summed({"id": None, "summary": recording.summary()}, "id")}
    return found or [{**whole, "moments": len(told)}]


def failed_row(file: str, name: str, error: str) -> dict[str, Any]:
    """The row of a recording that could not be read."""
    return {"file": file, "name": name, "kind": "file", "error": error}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _speaker(document: dict[str, Any]) -> dict[str, Any]:
    quarters = {key: document[key]["emotion"] for key in ("first_quarter", "last_quarter")}
    return {**_summed(document, "id"), **{key: document[key] for key in _SPOKEN}, **quarters}


def _summed(document: dict[str, Any], key: str) -> dict[str, Any]:
    summary = document["summary"]
    return {
        "id": None if document[key] is None else str(document[key]),
        "emotion": summary["emotion"],
        **{label: summary["shares"].get(label, 0.0) for label in LABELS},
    }
