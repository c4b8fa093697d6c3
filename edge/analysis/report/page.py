"""The report: one HTML file that needs no network, with timelines, moments and figures."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from edge import __version__
from edge.analysis.recording import Recording
from edge.analysis.report.lanes import Lane, lanes
from edge.analysis.timeline import COLOURS
from edge.analysis.verdicts import seconds_by_emotion, shares
from edge.vocabulary import LABELS

__all__ = ["filled", "page"]

_COLUMNS: Final = (
    "",
    "speaks",
    "silent",
    "overlap",
    "turns",
    "cuts in",
    "loudness",
    "pace",
    "not told",
    "sure",
)


def page(recording: Recording, *, source: str | None = None) -> str:
    """The whole page; `source` is where the recording lies, seen from the page."""
    return filled("report.html", _data(recording, source))


def filled(template: str, data: dict[str, Any]) -> str:
    """The page of that name with its data inside, so that it needs nothing else."""
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")
    page = files("edge.analysis.report").joinpath(template).read_text(encoding="utf-8")
    return page.replace("@DATA@", text)


def _data(recording: Recording, source: str | None) -> dict[str, Any]:
    timeline, shown = recording.timeline, lanes(recording)
    return {
        "title": Path(timeline.file).name,
        "sub": _sub(recording),
        "duration": timeline.duration,
        "source": source,
        "film": timeline.frames_read > 0,
        "colours": {label: COLOURS[label] for label in LABELS},
        "lanes": [_lane(lane) for lane in shown],
        "moments": [
            {"start": one.start, "end": one.end, "who": _who(one.who), "why": one.why}
            for one in recording.moments
        ],
        "columns": [*_COLUMNS, *LABELS],
        "table": _table(recording, shown),
        "made": _made(recording),
    }


def _sub(recording: Recording) -> str:
    timeline, summary = recording.timeline, recording.summary()
    length = f"{timeline.duration:.0f} s, " if timeline.duration else ""
    damaged = ", damaged: read as far as it can be decoded" if timeline.damaged else ""
    return f"{length}mostly {summary['emotion']}{damaged}"


def _who(who: str | int | None) -> str:
    return (
        "all"
        if who is None
        else f"person {who}"
        if isinstance(who, int)
        else "voice"
        if who == "mix"
        else who
    )


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "label": lane.label,
        "spans": [
            [round(s.start, 2), round(s.end, 2), s.emotion, round(s.confidence, 2)] for s in lane.spans
        ],
        "talk": [[round(s.start, 2), round(s.end, 2)] for s in lane.talk],
    }


def _table(recording: Recording, shown: list[Lane]) -> list[list[str]]:
    speakers = {
        lane.label: s
        for lane, s in zip(shown[len(shown) - len(recording.speakers) :], recording.speakers, strict=True)
    }
    rows = []
    for lane in shown:
        speaker = speakers.get(lane.label)
        cells = ["-"] * 7
        if speaker is not None:
            cells = [
                f"{speaker.talk:.0f} s", f"{speaker.silence:.0f} s", f"{speaker.overlap:.0f} s",
                str(len(speaker.turns)), str(speaker.interruptions),
                "-" if speaker.loudness is None else f"{speaker.loudness:.0f} dBFS",
                "-" if speaker.pace is None else f"{speaker.pace:.1f} syl/s",
            ]  # fmt: skip
        own = shares(lane.spans)
        rows.append([lane.label, *cells, *_sure(lane), *(_percent(own.get(label)) for label in LABELS)])
    return rows


def _sure(lane: Lane) -> tuple[str, str]:
    time = sum(seconds_by_emotion(lane.spans).values())
    told = sum(span.seconds for span in lane.told)
    if not time:
        return "-", "-"
    sure = sum(span.seconds * span.confidence for span in lane.told) / told if told else None
    return _percent(1 - told / time), _percent(sure)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _made(recording: Recording) -> list[tuple[str, str]]:
    timeline, band = recording.timeline, recording.bandwidth
    return [
        ("File", timeline.file),
        ("Version", f"emotion-edge {__version__}"),
        *((f"Model {name}", f"sha256 {digest}") for name, digest in recording.models.items()),
        *((str(key), str(value)) for key, value in recording.options.items()),
        *(
            [("Bandwidth", f"{band:.0f} Hz" + (", as of a telephone" if band <= 4000 else ""))]
            if band
            else []
        ),
        (
            "Read",
            f"{timeline.frames_read} pictures, {timeline.speech_windows} windows of speech",
        ),
    ]
