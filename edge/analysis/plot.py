"""The timeline of a file as a picture: what was seen, heard and concluded when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.analysis.timeline import COLOURS, Timeline
from edge.errors import EdgeError
from edge.vocabulary import LABELS, Probabilities

__all__ = ["clock", "plot", "spans", "thinned"]

_GAP: Final = 1.2
"""Seconds without a reading that are shown as a gap."""

_COLUMNS: Final = 2000
"""Moments that a plot can show; more readings are averaged, so that hours cost no more than minutes."""

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Moments (n,) and probabilities (n, 7); rows of NaN are gaps."""


def plot(timeline: Timeline, path: Path) -> None:
    """Draw stacked probabilities of face, speech and fusion, and the mood as a band; of a picture bars.

    Raises EdgeError when matplotlib is missing or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError:
        raise EdgeError("--plot needs matplotlib: pip install 'emotion-edge[plot]'") from None
    rows = _rows(timeline)
    figure = Figure(figsize=(11, 1.6 + 1.8 * max(1, len(rows))), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(max(1, len(rows)), 1, sharex=True, squeeze=False)[:, 0].tolist()
    axes[0].set_title(Path(timeline.file).name.encode(errors="replace").decode())
    if not rows:
        axes[0].text(0.5, 0.5, "no face and no voice that could be judged", ha="center", va="center")
        axes[0].set_axis_off()
    elif timeline.duration is None:
        _draw_bars(axes, rows)
    else:
        _draw_curves(axes, rows, timeline, timeline.duration)
        handles = [Patch(color=colour, label=label) for label, colour in COLOURS.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise EdgeError(f"{path}: cannot write the plot: {error}") from None


def _rows(timeline: Timeline) -> list[tuple[str, list[tuple[float, Probabilities]]]]:
    """Name and points of each panel that has any."""
    rows = (
        ("face", [(r.captured_at, r.probabilities) for r in timeline.face]),
        ("speech", [(r.captured_at, r.probabilities) for r in timeline.speech]),
        ("fused", [(p.t, p.probabilities) for p in timeline.fused]),
    )
    return [(name, points) for name, points in rows if points]


def _draw_bars(axes: Sequence[Any], rows: Iterable[tuple[str, list[tuple[float, Probabilities]]]]) -> None:
    for axis, (name, points) in zip(axes, rows, strict=True):
        axis.set(ylabel=name, ylim=(0, 1))
        mean = np.mean([p for _, p in points], axis=0)
        axis.bar(LABELS, mean, color=[COLOURS[label] for label in LABELS])


def _draw_curves(
    axes: Sequence[Any],
    rows: Iterable[tuple[str, list[tuple[float, Probabilities]]]],
    timeline: Timeline,
    duration: float,
) -> None:
    end = max(duration, 1e-3)
    for axis, (name, points) in zip(axes, rows, strict=True):
        axis.set(ylabel=name, ylim=(0, 1), xlim=(0, end))
        t, p = thinned(points, end)
        axis.stackplot(t, p.T, colors=[COLOURS[label] for label in LABELS], linewidth=0)
    for emotion, own in spans([(point.t, point.emotion) for point in timeline.fused], end).items():
        bars = [(start, length) for start, length in own if length >= end / _COLUMNS]
        axes[-1].broken_barh(bars, (0.96, 0.04), color=COLOURS[emotion], linewidth=0)
    axes[-1].xaxis.set_major_formatter(lambda seconds, _: clock(seconds))
    axes[-1].set_xlabel("h:mm:ss" if end >= 3600 else "mm:ss")


def clock(seconds: float) -> str:
    """Time from the start as mm:ss, from an hour on as h:mm:ss; parts of a second where there are any."""
    whole = int(seconds)
    part = f"{seconds - whole:.2f}".rstrip("0").rstrip(".")[1:] if seconds - whole >= 0.01 else ""
    hours, minutes = divmod(whole // 60, 60)
    return (f"{hours}:{minutes:02d}" if hours else f"{minutes:02d}") + f":{whole % 60:02d}{part}"


def spans(points: Sequence[tuple[float, str]], end: float) -> dict[str, list[tuple[float, float]]]:
    """Start and length of every stretch of one emotion, by emotion; each lasts to the next or to `end`."""
    found: dict[str, list[tuple[float, float]]] = {}
    if not points:
        return found
    start, current = points[0]
    for t, emotion in (*points[1:], (end, "")):
        if emotion != current:
            found.setdefault(current, []).append((start, max(0.0, t - start)))
            start, current = t, emotion
    return found


def thinned(points: Sequence[tuple[float, Probabilities]], end: float, columns: int = _COLUMNS) -> Curve:
    """At most about `columns` points over the time from 0 to `end`, means of those that fall together.

    A gap has a row of NaN; a point that stands alone is made wide enough to be seen.
    """
    width = end / columns
    t = np.array([moment for moment, _ in points])
    p = np.stack([probabilities for _, probabilities in points])
    column = np.floor(t / width).astype(np.int64)
    _, first, counts = np.unique(column, return_index=True, return_counts=True)
    t, p = np.add.reduceat(t, first) / counts, np.add.reduceat(p, first, axis=0) / counts[:, None]
    breaks = np.flatnonzero(np.diff(t) > max(_GAP, 2 * width)) + 1
    stretches = [
        _widened(one, own, width) for one, own in zip(np.split(t, breaks), np.split(p, breaks), strict=True)
    ]
    gap = (np.array([np.nan]), np.full((1, len(LABELS)), np.nan))
    parts = [part for stretch in stretches for part in (stretch, gap)][:-1]
    moments = np.concatenate([moments for moments, _ in parts])
    missing = np.isnan(moments)
    moments[missing] = moments[np.flatnonzero(missing) - 1]
    return moments, np.concatenate([values for _, values in parts])


def _widened(t: NDArray[np.float64], p: NDArray[np.float64], width: float) -> Curve:
    if len(t) > 1:
        return t, p
    return np.array([t[0], t[0] + max(2 * width, 0.05)]), np.repeat(p, 2, axis=0)
