"""`PLACE/bin/python fer_run.py FOLDER|FILM`: what `fer` finds in raw RGB pictures, or in a film; as JSON.

Runs in the environment of that package, with nothing of this product.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fer import fer
from fer.fer import FER

_CASCADE = Path(fer.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
"""As comes with the package: OpenCV 5 no longer brings one."""


def pictures(folder: Path) -> Iterator[Any]:
    """Each as BGR (height, width, 3)."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for entry in index["pictures"]:
        raw = np.frombuffer((folder / entry["file"]).read_bytes(), np.uint8)
        yield np.ascontiguousarray(raw.reshape(index["height"], index["width"], 3)[:, :, ::-1])


def frames(film: Path) -> Iterator[Any]:
    """Each picture of a film."""
    capture = cv2.VideoCapture(str(film))
    while (read := capture.read())[0]:
        yield read[1]


def main() -> int:
    """Print one JSON document."""
    given = Path(sys.argv[1])
    judge = FER(cascade_file=str(_CASCADE))
    found: list[str | None] = []
    before = time.process_time()
    for number, picture in enumerate(pictures(given) if given.is_dir() else frames(given)):
        if number == 1:
            before = time.process_time()
        faces = judge.detect_emotions(picture)
        best = max(faces, key=lambda face: face["box"][2] * face["box"][3], default=None)
        found.append(None if best is None else max(best["emotions"], key=best["emotions"].__getitem__))
    spent = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": 1000 * spent / (len(found) - 1), "rss_mb": memory, "emotions": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
