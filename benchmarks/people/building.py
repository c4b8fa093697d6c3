"""Pictures of several people: talking films, or labelled faces faded into each other, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.building import Held, frames
from edge.capture.files.media_file import MediaFile
from edge.evaluation.faces import Faces
from edge.vocabulary import LABELS, Frame

__all__ = ["FPS", "Picture", "beside", "film", "held", "labelled"]

Picture = NDArray[np.uint8]
FPS: Final = 15.0
_GREY: Final = 110
_SIZE: Final = (1280, 720)
_FACE: Final = 150
"""Pixels of a labelled face in its place; FER2013's own are 48 and already cut out."""


def beside(tiles: Sequence[Picture | None]) -> Picture:
    """Tiles in a row of equal places, each as large as fits; None leaves a place grey."""
    width, height = _SIZE
    picture = np.full((height, width, 3), _GREY, np.uint8)
    place = width // len(tiles)
    for number, tile in enumerate(tiles):
        if tile is None:
            continue
        scale = min(place / tile.shape[1], height / tile.shape[0])
        shown = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        left = number * place + (place - shown.shape[1]) // 2
        top = (height - shown.shape[0]) // 2
        picture[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return picture


def film(path: Path, seconds: float) -> Iterator[Picture]:
    """A film forwards, backwards, forwards …, 15 pictures a second, so that nothing jumps."""
    shown: list[Picture] = []
    for item in MediaFile(path).part():
        if isinstance(item, Frame) and item.captured_at >= len(shown) / FPS - 1e-6:
            shown.append(np.asarray(item.image, np.uint8))
    there_and_back = [*shown, *shown[-2:0:-1]]
    wanted = round(seconds * FPS)
    return (there_and_back[at % len(there_and_back)] for at in range(wanted))


def held(faces: Faces, seconds: float, hold: float, seed: int) -> list[Held]:
    """Every emotion equally often in random order, each face for `hold` seconds."""
    generator = np.random.default_rng(seed)
    plan: list[Held] = []
    while len(plan) * hold < seconds:
        for label in generator.permutation(len(LABELS)).tolist():
            rows = np.flatnonzero(faces.labels == label)
            plan.append(Held(int(rows[int(generator.integers(len(rows)))]), label, hold))
    return plan[: round(seconds / hold)]


def labelled(faces: Faces, plan: list[Held], seed: int) -> Iterator[Picture]:
    """The faces of a plan, enlarged, in the middle of a grey place."""
    for shown in frames(faces, plan, FPS, seed):
        assert shown.crop is not None
        large = cv2.resize(shown.crop, (_FACE, _FACE), interpolation=cv2.INTER_CUBIC)
        place = np.full((2 * _FACE, 2 * _FACE), _GREY, np.uint8)
        at = slice(_FACE // 2, _FACE // 2 + _FACE)
        place[at, at] = large
        yield np.repeat(place[:, :, None], 3, axis=2)
