from __future__ import annotations

import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import EdgeError
from edge.evaluation.plots import plot_confusion

COUNTS = np.diag([9, 4, 3, 8, 5, 0, 7])


def test_a_confusion_matrix_becomes_a_picture_with_a_dark_diagonal(tmp_path: Path) -> None:
    # Loaded before: what it imports has warnings of its own.
    pytest.importorskip(
        "matplotlib.backends.backend_agg", reason="needs matplotlib: pip install 'emotion-edge[plot]'"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_confusion(COUNTS, tmp_path / "m.png", title="face, test")
        plot_confusion(np.zeros((7, 7), dtype=int), tmp_path / "empty.png", title="nothing")
    found, empty = cv2.imread(str(tmp_path / "m.png")), cv2.imread(str(tmp_path / "empty.png"))
    assert found is not None
    assert empty is not None
    assert found.shape == empty.shape
    assert found.mean() < empty.mean() - 1, "the diagonal is shaded"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'emotion-edge[plot]'")
    with pytest.raises(EdgeError, match=r"gone/m\.png: cannot write the plot"):
        plot_confusion(COUNTS, tmp_path / "gone" / "m.png", title="x")
    with pytest.raises(EdgeError, match=r"m\.unknown"):
        plot_confusion(COUNTS, tmp_path / "m.unknown", title="x")


def test_without_matplotlib_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(EdgeError, match=r"pip install 'emotion-edge\[plot\]'"):
        plot_confusion(COUNTS, tmp_path / "m.png", title="x")
