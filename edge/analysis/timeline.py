"""What happened when in a file: the document of `emotion-edge analyze`, its CSV and its plot."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from edge.errors import EdgeError
from edge.vocabulary import LABELS, NONE, Probabilities, Reading, by_label

__all__ = ["FusedPoint", "Timeline", "plot", "write_csv"]

_COLOURS: Final = dict(
    zip(
        (*LABELS, NONE),
        ("#d62728", "#8c6d31", "#9467bd", "#ffb000", "#1f77b4", "#17becf", "#7f7f7f", "#e8e8e8"),
        strict=True,
    )
)

_GAP: Final = 1.2
"""Seconds without a reading that are shown as a gap."""


@dataclass(frozen=True, slots=True, eq=False)
class FusedPoint:
    """The steadied estimate at `t` seconds; `sources` are the modalities it rests on."""

    t: float
    emotion: str
    confidence: float
    probabilities: Probabilities
    sources: tuple[str, ...]


@dataclass(slots=True)
class Timeline:
    """Everything read from one file, in order of time (seconds from its start)."""

    file: str
    duration: float | None = None
    frames_read: int = 0
    frames_with_face: int = 0
    speech_windows: int = 0
    damaged: bool = False
    face: list[Reading] = field(default_factory=list)
    speech: list[Reading] = field(default_factory=list)
    fused: list[FusedPoint] = field(default_factory=list)

    def shares(self) -> dict[str, float]:
        """Share of the fused points by emotion, `none` included; empty when there is no point."""
        counts = Counter(point.emotion for point in self.fused)
        return {
            label: round(counts[label] / len(self.fused), 4) for label in (*LABELS, NONE) if counts[label]
        }

    def summary(self) -> dict[str, object]:
        """The prevailing emotion and the shares; `none` only when nothing was seen or heard.

        A file too short or too mixed for a steady mood has the emotion that is the most probable on average.
        """
        shares = self.shares()
        seen = {label: share for label, share in shares.items() if label != NONE}
        prevailing = max(seen, key=seen.__getitem__) if seen else self._likeliest()
        return {"emotion": prevailing, "shares": shares}

    def _likeliest(self) -> str:
        """By the mean of what the senses said; `none` when they said nothing."""
        said = [point.probabilities for point in self.fused if point.sources]
        return LABELS[int(np.argmax(np.mean(said, axis=0)))] if said else NONE

    def document(self, elapsed: float) -> dict[str, object]:
        """The JSON document; `elapsed` is the working time in seconds."""
        document: dict[str, object] = {
            "file": self.file,
            "duration_s": None if self.duration is None else round(self.duration, 3),
            "frames_read": self.frames_read,
            "frames_with_face": self.frames_with_face,
            "speech_windows": self.speech_windows,
            "face": [_face(reading) for reading in self.face],
            "speech": [_speech(reading) for reading in self.speech],
            "fused": [_fused(point) for point in self.fused],
            "summary": self.summary(),
            "damaged": self.damaged,
            "elapsed_s": round(elapsed, 3),
        }
        return document


def _speech(reading: Reading) -> dict[str, object]:
    return {
        "t": round(reading.captured_at, 3),
        "emotion": reading.emotion,
        "probabilities": by_label(reading.probabilities),
    }


def _face(reading: Reading) -> dict[str, object]:
    box = [round(value, 4) for value in reading.box] if reading.box is not None else None
    return {**_speech(reading), "box": box, "quality": round(reading.quality, 3)}


def _fused(point: FusedPoint) -> dict[str, object]:
    return {
        "t": round(point.t, 3),
        "emotion": point.emotion,
        "confidence": round(point.confidence, 3),
        "probabilities": by_label(point.probabilities),
        "sources": list(point.sources),
    }


def write_csv(timeline: Timeline, out: TextIO) -> None:
    """One row a reading: t, kind (face, speech, fused), emotion, confidence and the seven probabilities."""
    writer = csv.writer(out)
    writer.writerow(["t", "kind", "emotion", "confidence", *LABELS])
    rows: list[tuple[float, str, str, float, Probabilities]] = [
        (r.captured_at, r.modality, r.emotion, float(r.probabilities.max()), r.probabilities)
        for r in (*timeline.face, *timeline.speech)
    ]
    rows += [(p.t, "fused", p.emotion, p.confidence, p.probabilities) for p in timeline.fused]
    for t, kind, emotion, confidence, probabilities in sorted(rows, key=lambda row: row[0]):
        writer.writerow(
            [f"{t:.3f}", kind, emotion, f"{confidence:.3f}", *(f"{p:.4f}" for p in probabilities)]
        )


def plot(timeline: Timeline, path: Path) -> None:
    """Draw the timeline: stacked probabilities of face, speech and fusion, and the mood as a band."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError:
        raise EdgeError("--plot needs matplotlib: pip install 'emotion-edge[plot]'") from None
    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, 1, sharex=True)
    rows = (
        ("face", [(r.captured_at, r.probabilities) for r in timeline.face]),
        ("speech", [(r.captured_at, r.probabilities) for r in timeline.speech]),
        ("fused", [(p.t, p.probabilities) for p in timeline.fused]),
    )
    for axis, (name, points) in zip(axes, rows, strict=True):
        axis.set(ylabel=name, ylim=(0, 1))
        for stretch in _stretches(points):
            curves = [[float(p[i]) for _, p in stretch] for i in range(len(LABELS))]
            axis.stackplot([t for t, _ in stretch], *curves, colors=[_COLOURS[label] for label in LABELS])
    for start, end in zip(timeline.fused, timeline.fused[1:], strict=False):
        axes[-1].axvspan(start.t, end.t, 0.96, 1.0, color=_COLOURS[start.emotion], linewidth=0)
    axes[-1].set_xlabel("s")
    axes[0].set_title(Path(timeline.file).name)
    handles = [Patch(color=colour, label=label) for label, colour in _COLOURS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise EdgeError(f"{path}: cannot write the plot: {error}") from None


def _stretches(points: list[tuple[float, Probabilities]]) -> list[list[tuple[float, Probabilities]]]:
    """The points, split where nothing was read for a while, so that no curve is drawn across."""
    stretches: list[list[tuple[float, Probabilities]]] = []
    for point in points:
        if not stretches or point[0] - stretches[-1][-1][0] > _GAP:
            stretches.append([])
        stretches[-1].append(point)
    return stretches
