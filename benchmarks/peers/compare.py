"""`python -m benchmarks.peers.compare FACES.npz`: this product and others on the same pictures, as JSON.

Every picture of 640 x 480 holds one labelled face, is found and judged in full, alone. Figures: CPU of all
threads for a picture after the first, most resident memory, faces found, and right answers among all.

@vladmandic/human runs on node with its WASM backend. Its packages are fetched by

    npm install --prefix PLACE @vladmandic/human@3.3.6 @tensorflow/tfjs@4.22.0 \\
        @tensorflow/tfjs-backend-wasm@4.22.0

and named with `--human PLACE/node_modules`.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vocabulary import LABELS

_PICTURE: Final = (640, 480)
_SIDE: Final = 220
_HERE: Final = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.compare", description=__doc__)
    parser.add_argument("faces", type=Path, help="`images` (n, 48, 48), `labels`, `usage` (1: judged)")
    parser.add_argument("--count", type=int, default=15, help="faces of each emotion (15)")
    parser.add_argument("--human", type=Path, metavar="NODE_MODULES")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="peers-") as place:
        folder = Path(place)
        with np.load(arguments.faces) as data:
            faces = {name: data[name] for name in ("images", "labels", "usage")}
        labels = _write(folder, faces, arguments.count)
        runs = {"emotion-edge": [sys.executable, "-m", "benchmarks.peers.ours", place]}
        if arguments.human is not None:
            runs["@vladmandic/human, WASM"] = ["node", str(_HERE / "human.mjs"), str(arguments.human), place]
        rows = {name: _row(command, labels) for name, command in runs.items()}
    print(json.dumps({"machine": platform.machine(), "pictures": len(labels), **rows}, indent=1))
    return 0


def _row(command: Sequence[str], labels: Sequence[str]) -> dict[str, object]:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    pairs = list(zip(told["emotions"], labels, strict=True))
    return {
        "ms": round(told["ms"], 1),
        "rss_mb": round(told["rss_mb"]),
        "found": sum(found is not None for found, _ in pairs),
        "right_percent": round(100 * sum(found == label for found, label in pairs) / len(pairs), 1),
    }


def _write(folder: Path, data: Mapping[str, NDArray[Any]], count: int) -> list[str]:
    """Pictures as raw RGB with their index; returns the labels."""
    random = np.random.default_rng(0)
    pictures: list[dict[str, str]] = []
    labels: list[str] = []
    for label, name in enumerate(LABELS):
        rows = np.flatnonzero((data["usage"] == 1) & (data["labels"] == label))
        for row in random.choice(rows, min(count, len(rows)), replace=False):
            file = f"{len(labels)}.rgb"
            (folder / file).write_bytes(_picture(random, data["images"][row]).tobytes())
            pictures.append({"file": file})
            labels.append(name)
    index = {"width": _PICTURE[0], "height": _PICTURE[1], "pictures": pictures}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return labels


def _picture(random: np.random.Generator, face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The face somewhere on grey, its border faded into that."""
    picture = np.full((_PICTURE[1], _PICTURE[0], 3), int(random.integers(60, 200)), np.uint8)
    x, y = (int(random.integers(0, limit - _SIDE)) for limit in _PICTURE)
    large = cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)[..., None]
    mask = cv2.GaussianBlur(np.pad(np.ones((_SIDE - 16, _SIDE - 16), np.float32), 8), (0, 0), 4)[..., None]
    part = picture[y : y + _SIDE, x : x + _SIDE]
    part[:] = mask * large + (1 - mask) * part
    return np.asarray(picture, np.uint8)


if __name__ == "__main__":
    sys.exit(main())
