"""What happened when in a file, and the plot of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from edge.capture.files.tracks import SoundTrack
from edge.errors import EdgeError
from edge.vocabulary import LABELS, NONE, Probabilities, Reading

__all__ = ["COLOURS", "FusedPoint", "Timeline", "plot"]

COLOURS: Final = dict(
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
    sound_track: SoundTrack | None = None
    notes: tuple[str, ...] = ()
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
            axis.stackplot([t for t, _ in stretch], *curves, colors=[COLOURS[label] for label in LABELS])
    for start, end in zip(timeline.fused, timeline.fused[1:], strict=False):
        axes[-1].axvspan(start.t, end.t, 0.96, 1.0, color=COLOURS[start.emotion], linewidth=0)
    axes[-1].set_xlabel("s")
    axes[0].set_title(Path(timeline.file).name)
    handles = [Patch(color=colour, label=label) for label, colour in COLOURS.items()]
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
