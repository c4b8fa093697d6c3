"""`python -m benchmarks.eyes FILM…`: could blinks be read at the sizes of faces that cameras deliver?

The detector gives the middles of the eyes, not the lids. Around them, openness is told by the spread of grey
levels (95th less 5th percentile, of both eyes, over that of the face): a pupil is dark, a lid is not. The
film as it is serves as reference; the same film, made smaller until the face is so wide, is compared.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.perception.detector import Face
from edge.perception.open import open_detector
from edge.perception.pixels import Image
from edge.vocabulary import Frame

_WIDTHS: Final = (100, 72, 48)
_LID: Final = 0.16
"""Height of an open eye as a share of the distance of the pupils: about 10 mm of 63."""
_BLINK: Final = 3.0
"""Deviations below the median, robustly estimated, at which an eye counts as closed."""
Series = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eyes", description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    found = [_measured(path) for path in parser.parse_args(argv).films]
    print(json.dumps(found, indent=1))
    return 0


def _measured(path: Path) -> dict[str, Any]:
    reference, width = _watched(path, None)
    result: dict[str, Any] = {
        "film": path.name,
        "face_px": round(width),
        "pictures": len(reference),
        "closed": int(_closed(reference[:, 0]).sum()),
    }
    for wanted in _WIDTHS:
        small, _ = _watched(path, wanted / width)
        both = ~np.isnan(reference[:, 0]) & ~np.isnan(small[:, 0])
        openness, there = small[both, 0], reference[both, 0]
        closed, truly = _closed(openness), _closed(there)
        result[str(wanted)] = {
            "lid_px": round(float(np.nanmedian(small[:, 1])) * _LID, 1),
            "jitter_px": round(_jitter(small[:, 2:]), 2),
            "correlation": round(float(np.corrcoef(openness, there)[0, 1]), 2),
            "closed_found": [int((closed & truly).sum()), int(truly.sum())],
            "closed_falsely": int((closed & ~truly).sum()),
        }
    return result


def _watched(path: Path, scale: float | None) -> tuple[Series, float]:
    """By picture: openness, distance of the pupils (px), middle of both eyes (px); and the face's width."""
    rows, widths = [], []
    with_detector = open_detector(Config().camera, engines=Config().engines)
    for picture in _pictures(path, scale):
        faces = with_detector.detect(picture)
        face = max(faces, key=lambda one: one.w, default=None)
        if face is None or face.points is None:
            rows.append([np.nan] * 4)
            continue
        widths.append(face.w)
        rows.append(_look(picture, face))
    with_detector.close()
    return np.array(rows), float(np.median(widths))


def _pictures(path: Path, scale: float | None) -> Iterator[Image]:
    """Each picture, made smaller."""
    for item in MediaFile(path).part():
        if isinstance(item, Frame):
            picture = np.asarray(item.image, np.uint8)
            if scale is not None:
                picture = np.asarray(
                    cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
                )
            yield picture


def _look(picture: Image, face: Face) -> list[float]:
    assert face.points is not None
    left, right = np.asarray(face.points[0], float), np.asarray(face.points[1], float)
    apart = float(np.hypot(*(right - left)))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float64)
    whole = _patch(grey, np.array([face.x + face.w / 2, face.y + face.h / 2]), face.w / 2, face.h / 2)
    spreads = [_spread(_patch(grey, eye, 0.25 * apart, 0.14 * apart)) for eye in (left, right)]
    return [float(np.mean(spreads)) / max(1.0, _spread(whole)), apart, *((left + right) / 2)]


def _patch(grey: Series, middle: Series, across: float, along: float) -> Series:
    x, y = middle
    rows = slice(max(0, round(y - along)), max(1, round(y + along) + 1))
    columns = slice(max(0, round(x - across)), max(1, round(x + across) + 1))
    return grey[rows, columns]


def _spread(values: Series) -> float:
    low, high = np.percentile(values, (5, 95)) if values.size else (0.0, 0.0)
    return float(high - low)


def _closed(openness: Series) -> NDArray[np.bool_]:
    middle = np.nanmedian(openness)
    deviation = 1.4826 * np.nanmedian(np.abs(openness - middle))
    return np.asarray(openness < middle - _BLINK * max(deviation, 1e-6))


def _jitter(middles: Series) -> float:
    """Noise of the eyes' place in pixels: what is left when even motion is taken off."""
    second = middles[2:] - 2 * middles[1:-1] + middles[:-2]
    return float(np.sqrt(np.nanmean(second**2) / 6))


if __name__ == "__main__":
    sys.exit(main())
