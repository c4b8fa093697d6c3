"""`python -m benchmarks.peers.compare FACES.npz`: this product and others on the same pictures, as JSON.

Every picture of 640 x 480 holds one labelled face, is found and judged in full, alone. Figures: CPU of all
threads for a picture after the first, most resident memory, faces found, right answers among all, and the
time as a multiple of this product's. With `--film` each picture of a film, too: there this product follows
faces and judges them when they change, `fer` judges every picture.

The others are set up by `python -m benchmarks.peers.prepare PLACE`: `fer` with Haar's cascade and its
quantised network (its defaults), @vladmandic/human on node with its WASM backend.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.prepare import fer_python, human_packages
from edge.bench.machine import processor_name
from edge.vocabulary import LABELS

_PICTURE: Final = (640, 480)
_SIDE: Final = 220
_HERE: Final = Path(__file__).parent
_OURS, _FER, _HUMAN = "emotion-edge", "fer 25.10.3", "@vladmandic/human, WASM"


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.compare", description=__doc__)
    parser.add_argument("faces", type=Path, help="`images` (n, 48, 48), `labels`, `usage` (1: judged)")
    parser.add_argument("--count", type=int, default=15, help="faces of each emotion (15)")
    parser.add_argument("--peers", type=Path, metavar="PLACE", help="where the others were set up")
    parser.add_argument("--film", type=Path, help="a film to be judged as well")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="peers-") as place:
        folder = Path(place)
        with np.load(arguments.faces) as data:
            faces = {name: data[name] for name in ("images", "labels", "usage")}
        labels = _write(folder, faces, arguments.count)
        rows = {name: _row(command, labels) for name, command in _commands(arguments.peers, place).items()}
    for row in rows.values():
        row["times_ours"] = round(row["ms"] / rows[_OURS]["ms"], 2)
    film = {} if arguments.film is None else {"film": _film(arguments.film, arguments.peers)}
    print(json.dumps({"processor": processor_name(), "pictures": len(labels), **rows, **film}, indent=1))
    return 0


def _commands(peers: Path | None, given: str) -> dict[str, list[str]]:
    runs = {_OURS: [sys.executable, "-m", "benchmarks.peers.ours", given]}
    if peers is not None and fer_python(peers).exists():
        runs[_FER] = [str(fer_python(peers)), str(_HERE / "fer_run.py"), given]
    if peers is not None and human_packages(peers).is_dir():
        runs["@vladmandic/human, WASM"] = [
            "node",
            str(_HERE / "human.mjs"),
            str(human_packages(peers)),
            given,
        ]
    return runs


def _film(film: Path, peers: Path | None) -> dict[str, object]:
    """CPU milliseconds of each picture of a film, everything from its file on."""
    before = _children()
    command = [sys.executable, "-m", "edge", "analyze", "--json", str(film)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    pictures = json.loads(done.stdout)["frames_read"]
    ours = 1000 * (_children() - before) / pictures
    found: dict[str, object] = {
        "pictures": pictures,
        _OURS: round(ours, 2),
    }
    if (their := _commands(peers, str(film)).get(_FER)) is not None:
        theirs = _told(their)["ms"]
        found |= {_FER: round(theirs, 2), "times_ours": round(theirs / ours, 2)}
    return found


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _row(command: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    told = _told(command)
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
