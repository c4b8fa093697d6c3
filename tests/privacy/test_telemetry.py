from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config.resources import resource

OPEN_MODEL = "import onnxruntime, sys; onnxruntime.InferenceSession(sys.argv[1])"


def left_behind(home: Path, program: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    model = str(resource("engines") / "vad.onnx")
    subprocess.run(
        [sys.executable, "-c", program, model], env={**environment, "HOME": str(home)}, check=True, cwd="/"
    )
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_the_runtime_of_the_models_keeps_no_diary_of_its_use(tmp_path: Path) -> None:
    assert left_behind(tmp_path, f"import edge; {OPEN_MODEL}") == []


def test_the_runtime_would_keep_one_if_it_were_let(tmp_path: Path) -> None:
    if not left_behind(tmp_path, OPEN_MODEL):
        pytest.skip("this build of ONNX Runtime has no telemetry; newer ones from PyPI do")
