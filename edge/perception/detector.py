"""Finding faces: what a face is, what a detector offers, and the network that comes by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.inference.engine import Engine, Tensor
from edge.perception.pixels import Image

__all__ = ["CenterFace", "Detector", "Face", "Framing", "Points", "decode", "input_size"]

Points = NDArray[np.float32]
"""(5, 2) x, y in pixels: left eye, right eye, nose, left and right corner of the mouth, as in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in a picture: corner and size of its box in pixels, detector's score (0..1), key points."""

    x: float
    y: float
    w: float
    h: float
    score: float
    points: Points | None = None


@dataclass(frozen=True, slots=True)
class Framing:
    """How a detector's box becomes FER2013's square: side = scale * sqrt(w * h), centre moved by shift of it.

    Measured by running each detector on FER2013's own pictures; a negative shift is up.
    """

    scale: float
    shift: float


class Detector(Protocol):
    """Finds the faces of one picture. Made, used and closed by one thread."""

    @property
    def framing(self) -> Framing:
        """How to crop this detector's boxes for the classifier."""
        ...

    def detect(self, image: Image) -> list[Face]:
        """Faces in a BGR uint8 (h, w, 3) picture, best first. Raises EngineError when the network fails."""
        ...

    def close(self) -> None:
        """Release the network; further calls do nothing."""
        ...


_STRIDE: Final = 4
_OVERLAP: Final = 0.3
_MOST: Final = 100
_LOG_SIZE_LIMIT: Final = 6.0


class CenterFace:
    """CenterFace (Xu et al. 2019) on an engine: RGB 0..255, sides multiples of 32, outputs at stride 4.

    Pictures keep their shape; what is missing to the network's size is black. `inner` is that size
    (width, height) for an engine of one fixed size, else it follows from picture and `longer_side`.
    """

    framing = Framing(scale=1.13, shift=-0.01)

    def __init__(
        self, engine: Engine, *, longer_side: int, threshold: float, inner: tuple[int, int] | None = None
    ) -> None:
        self._engine = engine
        self._longer_side = longer_side
        self._threshold = threshold
        self._inner = inner
        self._canvas: Image = np.empty((0, 0, 3), np.uint8)
        self._content = (0, 0)
        self._room: Tensor = np.empty(0, np.float32)

    def detect(self, image: Image) -> list[Face]:
        """Faces in the picture, best first."""
        height, width = image.shape[:2]
        inner = self._inner or input_size(width, height, self._longer_side)
        scale = min(1.0, inner[0] / width, inner[1] / height, self._longer_side / max(width, height))
        content = max(1, round(width * scale)), max(1, round(height * scale))
        heat, size, offset, points = self._engine.infer(self._fill(self._paint(image, inner, content)))
        rows = decode(heat, size, offset, points, self._threshold)
        return [_face(row, width / content[0], height / content[1]) for row in rows]

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()

    def _paint(self, image: Image, inner: tuple[int, int], content: tuple[int, int]) -> Image:
        """The picture in the upper left corner of a black canvas of the network's size."""
        if self._canvas.shape[:2] != (inner[1], inner[0]) or self._content != content:
            self._canvas, self._content = np.zeros((inner[1], inner[0], 3), np.uint8), content
        corner = self._canvas[: content[1], : content[0]]
        cv2.resize(image, content, dst=corner, interpolation=cv2.INTER_AREA)
        return self._canvas

    def _fill(self, small: Image) -> Tensor:
        """The network's input, in the same memory for all sizes: near faces and the whole take turns."""
        height, width = small.shape[:2]
        if self._room.size < small.size:
            self._room = np.empty(small.size, np.float32)
        blob = self._room[: small.size].reshape(1, 3, height, width)
        for channel in range(3):
            np.copyto(blob[0, channel], small[:, :, 2 - channel])
        return blob


def input_size(width: int, height: int, longer_side: int) -> tuple[int, int]:
    """Width and height the network sees: never enlarged, sides rounded up to multiples of 32."""
    scale = min(1.0, longer_side / max(width, height))
    return max(1, -(-int(width * scale) // 32)) * 32, max(1, -(-int(height * scale) // 32)) * 32


def decode(heat: Tensor, size: Tensor, offset: Tensor, points: Tensor, threshold: float) -> Tensor:
    """Rows x, y, w, h, score and five points (y, x swapped back), in input pixels, best first: (n, 15)."""
    y, x = np.nonzero(heat[0, 0] > threshold)
    if not len(y):
        return np.zeros((0, 15), np.float32)
    scores = heat[0, 0, y, x]
    best = np.argsort(-scores, kind="stable")[:_MOST]
    y, x, scores = y[best], x[best], scores[best]
    h, w = np.exp(np.minimum(size[0, :, y, x], _LOG_SIZE_LIMIT)).T * _STRIDE
    down, right = offset[0, :, y, x].T
    left, top = (x + right + 0.5) * _STRIDE - w / 2, (y + down + 0.5) * _STRIDE - h / 2
    marks = points[0, :, y, x]
    across = marks[:, 1::2] * w[:, None] + left[:, None]
    along = marks[:, 0::2] * h[:, None] + top[:, None]
    boxes = np.stack([left, top, w, h], 1).astype(np.float32)
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), threshold, _OVERLAP)
    rows = np.concatenate([boxes, scores[:, None], np.stack([across, along], -1).reshape(-1, 10)], 1)
    return np.asarray(rows[np.asarray(kept, np.intp).reshape(-1)], np.float32)


def _face(row: Tensor, across: float, along: float) -> Face:
    x, y, w, h, score = (float(value) for value in row[:5])
    points = row[5:].reshape(5, 2) * np.array([across, along], np.float32)
    return Face(x * across, y * along, w * across, h * along, score, points)
