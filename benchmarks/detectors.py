"""`python -m benchmarks.detectors FACES.npz FILM...`: what face detectors find, and at what cost.

Faces of known place and size are pasted on parts of the films' pictures in which no detector finds one: that
gives recall by size, and boxes that are no face. The films themselves tell how far each model agrees with the
first. FACES is an `.npz` with `images` (n, 48, 48), as FER2013's.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.perception.detector import Detector, Face
from edge.perception.open import open_detector
from edge.perception.tracker import match, overlap

_SIZES: Final = ((30, 40), (40, 60), (60, 100), (100, 180))
"""Pixels of a pasted face's side in a picture of 640 x 480."""
_PICTURE: Final = (640, 480)
_COMPOSITES: Final = 60
_EVERY: Final = 15
_SAME: Final = 0.3

Picture = NDArray[np.uint8]


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detectors", description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("films", type=Path, nargs="+")
    parser.add_argument("--models", default="centerface,centerface-int8")
    parser.add_argument("--composites", type=int, default=_COMPOSITES, help="of each size")
    arguments = parser.parse_args(argv)
    names: list[str] = arguments.models.split(",")
    detectors = [_detector(name) for name in names]
    shown = [picture for film in arguments.films for picture in _pictures(film)]
    empty = [
        picture for picture in map(_without_faces, shown) if not any(d.detect(picture) for d in detectors)
    ]
    faces = np.load(arguments.faces)["images"]
    found = {
        name: _row(d, faces, empty, arguments.composites) for name, d in zip(names, detectors, strict=True)
    }
    for name, detector in zip(names, detectors, strict=True):
        found[name] |= _agreement(detectors[0], detector, shown)
    machine = platform.processor() or platform.machine()
    print(json.dumps({"machine": machine, "pictures": len(shown), "empty": len(empty), **found}, indent=1))
    return 0


def _detector(name: str) -> Detector:
    config = Config.model_validate({"camera": {"detector": {"model": name}}})
    return open_detector(config.camera, engines=config.engines)


def _pictures(film: Path) -> Iterator[Picture]:
    for number, frame in enumerate(MediaFile(film, sound=False).frames()):
        if number % _EVERY == 0:
            yield np.asarray(cv2.resize(frame.image, _PICTURE, interpolation=cv2.INTER_AREA), np.uint8)


def _without_faces(picture: Picture) -> Picture:
    """The lowest quarter of the picture, stretched and turned over: clothes, tables, walls."""
    low = picture[_PICTURE[1] * 3 // 4 :]
    return np.asarray(cv2.resize(cv2.flip(low, 0), _PICTURE, interpolation=cv2.INTER_LINEAR), np.uint8)


def _row(
    detector: Detector, faces: NDArray[np.uint8], empty: Sequence[Picture], count: int
) -> dict[str, object]:
    random = np.random.default_rng(0)
    recall: dict[str, float] = {}
    alarms = placed = 0
    for low, high in _SIZES:
        hits = 0
        for _ in range(count):
            picture, truth = _composite(random, faces, empty, (low, high))
            found = detector.detect(picture)
            hit = bool(match([truth], found))
            hits, placed = hits + hit, placed + 1
            alarms += sum(overlap(truth, face) < 0.1 for face in found)
        recall[f"{low}-{high}"] = round(100 * hits / count, 1)
    return {"recall": recall, "false_alarms_per_100": round(100 * alarms / placed, 1)}


def _composite(
    random: np.random.Generator, faces: NDArray[np.uint8], empty: Sequence[Picture], sizes: tuple[int, int]
) -> tuple[Picture, Face]:
    """A picture with one face, and where CenterFace would see it: FER2013's square is 1.13 times its size."""
    picture = empty[int(random.integers(len(empty)))].copy()
    side = int(random.integers(*sizes))
    face = cv2.resize(faces[int(random.integers(len(faces)))], (side, side), interpolation=cv2.INTER_LINEAR)
    x, y = (int(random.integers(0, limit - side)) for limit in _PICTURE)
    mask = cv2.GaussianBlur(np.pad(np.ones((side - 4, side - 4), np.float32), 2), (0, 0), side / 24)[
        ..., None
    ]
    part = picture[y : y + side, x : x + side]
    part[:] = np.clip(mask * face[..., None] + (1 - mask) * part, 0, 255)
    picture[:] = np.clip(picture + random.normal(0, random.uniform(0, 6), picture.shape), 0, 255)
    inner = side / 1.13
    return picture, Face(x + (side - inner) / 2, y + (side - inner) / 2, inner, inner, 1.0)


def _agreement(first: Detector, other: Detector, shown: Sequence[Picture]) -> dict[str, float]:
    """Of the first one's faces, how many the other finds and how well the boxes lie; and what it adds."""
    known = found = both = 0
    overlaps: list[float] = []
    spent = 0.0
    for picture in shown:
        theirs, before = first.detect(picture), time.process_time()
        own = other.detect(picture)
        spent += time.process_time() - before
        pairs = match(theirs, own)
        known, found, both = known + len(theirs), found + len(own), both + len(pairs)
        overlaps += [overlap(theirs[i], own[j]) for i, j in pairs.items()]
    mean = float(np.mean(overlaps)) if overlaps else 0.0
    ms = round(1000 * spent / len(shown), 2)
    return {"ms": ms, "faces": known, "found": both, "more": found - both, "overlap": round(mean, 3)}


if __name__ == "__main__":
    sys.exit(main())
