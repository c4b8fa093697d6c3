"""The whole command on a few made-up faces, with a shipped model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.synthetic import faces

from benchmarks.streams.__main__ import main


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(list(arguments)) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_fit_ends_and_goes_by_what_was_read_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = faces(28, seed=4)
    data, kept = tmp_path / "faces.npz", tmp_path / "read.npz"
    np.savez(data, images=images, labels=labels)
    asked = [str(data), "--split", "", "--trials", "1", "--minutes", "0.5", "--model", "face-small-int8"]
    plain = ran(capsys, *asked, "--keep", str(kept))
    assert {"emotions", "arriving", "neutral_room"} == set(plain)
    written = kept.stat().st_mtime_ns
    fit = ran(capsys, *asked, "--keep", str(kept), "--fit")
    assert kept.stat().st_mtime_ns == written
    assert {name: fit[name] for name in plain} == plain
    assert {"fusion", "smoothing", *plain} == set(fit["fitted"])
    assert main([*asked, "--seed", "1", "--keep", str(kept)]) == 1
    assert "readings of something else (seed 0)" in capsys.readouterr().err
