"""Pictures of figures; matplotlib is imported only here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from edge.errors import EdgeError
from edge.vocabulary import LABELS

__all__ = ["plot_confusion"]


def plot_confusion(counts: ArrayLike, path: Path, *, title: str) -> None:
    """Draw a confusion matrix: counts (7, 7), rows true, shaded by the share of the row (recall).

    Raises EdgeError when matplotlib is missing or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise EdgeError("--plot needs matplotlib: pip install 'emotion-edge[plot]'") from None
    matrix = np.asarray(counts, dtype=np.int64)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axis.set(title=title, xlabel="predicted", ylabel="true", xticks=range(7), yticks=range(7))
    axis.set_xticklabels(LABELS, rotation=45, ha="right")
    axis.set_yticklabels(LABELS)
    for (row, column), count in np.ndenumerate(matrix):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axis.text(
            column, row, f"{count}\n{shares[row, column]:.0%}", ha="center", va="center", color=shade, size=7
        )
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise EdgeError(f"{path}: cannot write the plot: {error}") from None
