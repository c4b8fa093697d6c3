"""Boxes, numbers and moods drawn on a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from edge.analysis.timeline import COLOURS
from edge.perception.pixels import Image
from edge.vocabulary import Box

__all__ = ["Shown", "annotate"]

_UNTOLD: Final = (150, 150, 150)
_BLACK: Final = (0, 0, 0)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX

Shown = tuple[int, Box, str, float]
"""Number, box, emotion and confidence of a person in one picture."""


def annotate(image: Image, people: Sequence[Shown]) -> Image:
    """A copy of the BGR picture with a box and a line of text for everybody."""
    drawn = image.copy()
    height, width = drawn.shape[:2]
    thick, scale = max(1, round(height / 300)), max(0.4, height / 800)
    for number, (x, y, w, h), emotion, confidence in people:
        colour = _bgr(COLOURS[emotion]) if emotion in COLOURS else _UNTOLD
        left, top = round(x * width), round(y * height)
        cv2.rectangle(drawn, (left, top), (round((x + w) * width), round((y + h) * height)), colour, thick)
        told = f"{number} {emotion}" + (f" {confidence:.0%}" if confidence else "")
        (wide, high), _ = cv2.getTextSize(told, _FONT, scale, thick)
        base = max(top - 4, high + 6)
        cv2.rectangle(drawn, (left, base - high - 6), (left + wide + 6, base + 4), colour, -1)
        cv2.putText(drawn, told, (left + 3, base), _FONT, scale, _BLACK, thick, cv2.LINE_AA)
    return np.asarray(drawn, np.uint8)


def _bgr(colour: str) -> tuple[int, int, int]:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)
