"""The sample clip that the demonstration, the benchmark and the tests play."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_clip() -> Path:
    """A talking face: 15 s, 640x480, 15 fps, H.264 and AAC in MP4; `make_sample.py` makes it."""
    return Path(str(files(__name__) / "sample.mp4"))
