"""The growth of costs as a table, a chart, and a part of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from edge.bench.growth import Point
from edge.errors import EdgeError

__all__ = ["MARKS", "chart", "table", "written"]

Grown = Mapping[str, Sequence[Point]]
"""Name of a series → its points, the baseline first."""

MARKS: Final = ("<!-- growth: written by emotion-edge bench growth --write -->", "<!-- end of growth -->")
_FIGURE: Final = (11.0, 3.0)


def table(grown: Grown) -> str:
    """Markdown: a row a point."""
    lines = ["| what grows | to | of one core | times | memory at most |", "|---|---|---|---|---|"]
    for name, points in grown.items():
        for point in points:
            cells = [
                name,
                point.label,
                f"{point.core_percent:.1f} %",
                f"{point.times:.2f}",
                f"{point.rss_mb:.0f} MB",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def chart(grown: Grown, path: Path, title: str) -> None:
    """Each series against its baseline, as SVG or PNG by the name. Raises EdgeError without matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise EdgeError("a chart needs matplotlib: pip install 'emotion-edge[plot]'") from None
    with mpl.rc_context({"svg.hashsalt": "growth", "svg.fonttype": "none"}):
        figure = Figure(figsize=_FIGURE, layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(title, fontsize=8)
        panels = figure.subplots(1, len(grown), squeeze=False)[0]
        for axes, (name, points) in zip(panels, grown.items(), strict=True):
            labels = [point.label for point in points]
            bars = axes.bar(labels, [point.times for point in points], color="#4a7ba6")
            axes.bar_label(bars, fmt="%.2f", fontsize=7)
            axes.set_title(name, fontsize=9)
            axes.tick_params(labelsize=8)
        panels[0].set_ylabel("times the cost of the first", fontsize=8)
        try:
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        except (OSError, ValueError) as error:
            raise EdgeError(f"cannot write the chart {path}: {error}") from error


def written(document: str, text: str) -> str:
    """The document with `text` between the marks. Raises EdgeError where they are missing."""
    first, last = MARKS
    head, found, rest = document.partition(first)
    _, ended, tail = rest.partition(last)
    if not (found and ended):
        raise EdgeError(f"the document lacks the lines {first} and {last}, between which figures are written")
    return f"{head}{first}\n\n{text.strip()}\n\n{last}{tail}"
