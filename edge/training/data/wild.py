"""10,500 faces from the wild, balanced over the classes, cut out on black (`faces/effectnet48.npz`)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from edge.evaluation.faces import Faces, load_faces
from edge.training.data.outlines import levelled, outside

PLACE: Final = Path("faces", "effectnet48.npz")
OUTLINE: Final = "outline"
"""The extra that is true outside a face (n, 48, 48)."""
_MOST: Final = 0.75
"""Share of a picture that may lie outside the face."""


def load_wild(data: Path) -> tuple[Faces, Faces] | None:
    """Faces to train on (with their outlines) and to judge by (the mean grey outside); None without them.

    Raises DataError when the file is damaged or has no such splits.
    """
    path = data / PLACE
    return _loaded(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=1)
def _loaded(path: Path, changed: int) -> tuple[Faces, Faces]:  # noqa: ARG001
    """Kept while the file stays: finding the outlines takes seconds."""
    faces = load_faces(path)
    outlines = outside(faces.images)
    faces = replace(faces, extras={**faces.extras, OUTLINE: outlines})
    train, valid = faces.split("train"), faces.split("valid")
    train = train.take(train.extras[OUTLINE].mean(axis=(1, 2)) < _MOST)
    return train, replace(valid, images=levelled(valid.images, valid.extras[OUTLINE].astype(bool)))


__all__ = ["OUTLINE", "PLACE", "load_wild"]
