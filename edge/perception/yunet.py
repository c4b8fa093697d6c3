"""YuNet, for users who bring its file: OpenCV runs it and decodes its outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.errors import EngineError, ModelError
from edge.perception.detector import Face, Framing
from edge.perception.pixels import Image, Resizer

__all__ = ["YuNet"]

_MIN_THRESHOLD: Final = 0.7
"""Below this YuNet takes cats and dogs for faces."""


class YuNet:
    """YuNet (Wu et al. 2023) through `cv2.FaceDetectorYN`."""

    framing = Framing(scale=1.12, shift=-0.03)

    def __init__(self, path: Path, *, longer_side: int, threshold: float) -> None:
        try:
            self._net = cv2.FaceDetectorYN.create(
                str(path), "", (longer_side, longer_side), max(threshold, _MIN_THRESHOLD), 0.3, 100
            )
        except cv2.error as error:
            raise ModelError(f"OpenCV cannot load the face detector {path}: {error}") from error
        self._longer_side = longer_side
        self._resize = Resizer()

    def detect(self, image: Image) -> list[Face]:
        """Faces in the picture, best first."""
        height, width = image.shape[:2]
        scale = min(1.0, self._longer_side / max(width, height))
        inner = max(16, round(width * scale)), max(16, round(height * scale))
        self._net.setInputSize(inner)
        try:
            rows: object = self._net.detect(self._resize(image, inner))[1]
        except cv2.error as error:
            raise EngineError(f"the face detector failed: {error}") from error
        if rows is None:
            return []
        faces = [_face(row, width / inner[0], height / inner[1]) for row in np.asarray(rows, np.float32)]
        return sorted(faces, key=lambda face: -face.score)

    def close(self) -> None:
        """Nothing to release: OpenCV owns the network."""


def _face(row: np.ndarray[tuple[int], np.dtype[np.float32]], across: float, along: float) -> Face:
    x, y, w, h = (float(value) for value in row[:4])
    points = row[4:14].reshape(5, 2).astype(np.float32) * np.array([across, along], np.float32)
    return Face(x * across, y * along, w * across, h * along, float(row[14]), points)
