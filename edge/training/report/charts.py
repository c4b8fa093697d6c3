"""The report's pictures."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from edge.evaluation.metrics import calibration_bins
from edge.vocabulary import LABELS

_SIZE: Final = (4.2, 3.8)


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def draw_confusion(counts: ArrayLike, path: Path, *, title: str) -> None:
    """Shares of each true class, rows true."""
    matrix = np.asarray(counts, dtype=float)
    shares = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axis = _figure()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    axis.set(title=title, xlabel="predicted", ylabel="true", xticks=range(7), yticks=range(7))
    axis.set_xticklabels(LABELS, rotation=45, ha="right")
    axis.set_yticklabels(LABELS)
    for (row, column), share in np.ndenumerate(shares):
        axis.text(
            column,
            row,
            f"{share:.0f}",
            ha="center",
            va="center",
            size=7,
            color="white" if share > 50 else "black",
        )
    figure.savefig(path, dpi=80)


def draw_calibration(p: NDArray[np.float64], labels: NDArray[np.int64], path: Path, *, title: str) -> None:
    """Accuracy against confidence; the size of a point is the share of the items."""
    rows = calibration_bins(p, labels)
    figure, axis = _figure()
    axis.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axis.scatter(rows[:, 1], rows[:, 2], s=20 + 600 * rows[:, 0])
    axis.set(title=title, xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    figure.savefig(path, dpi=80)


def draw_curves(log: Path, path: Path, *, title: str) -> bool:
    """Training loss and validation score by minutes; False when the log has no curve."""
    if not log.is_file():
        return False
    with log.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    score = "accuracy" if rows and "accuracy" in rows[0] else "uar"
    if len(rows) < 2 or score not in rows[0]:
        return False
    minutes = [float(row["minutes"]) for row in rows]
    figure, axis = _figure()
    axis.plot(minutes, [float(row[score]) for row in rows], label=f"validation {score}")
    axis.set(title=title, xlabel="minutes", ylabel=score)
    other = axis.twinx()
    other.plot(
        minutes, [float(row["loss"]) for row in rows], color="grey", linestyle=":", label="training loss"
    )
    other.set_ylabel("training loss")
    figure.savefig(path, dpi=80)
    return True


__all__ = ["draw_calibration", "draw_confusion", "draw_curves"]
