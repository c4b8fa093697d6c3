"""FER2013 with FER+'s votes, split for training, calibration and validation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.faces import Faces, load_faces, load_votes

NOT_A_FACE: Final = 9
"""FER+'s column of those who saw no face."""
_HELD_OUT: Final = 0.04


@dataclass(frozen=True, eq=False)
class FaceSplits:
    """Training rows without the validation's pictures, rows held out for calibration, the validation.

    `beside` is another set that is judged, too; `sets` names what is trained on.
    """

    train: Faces
    held_out: Faces
    valid: Faces
    beside: Faces | None = None
    beside_name: str = ""
    sets: tuple[str, ...] = ("fer2013",)


def split_faces(faces: Faces, seed: int = 20261123) -> FaceSplits:
    """Copies of a picture stay on one side; flat pictures and those most taggers called no face are left out.

    Raises DataError when a split is missing.
    """
    training, public = faces.splits == "Training", faces.splits == "PublicTest"
    if not training.any() or not public.any():
        raise DataError("FER2013 is incomplete: it needs rows of Training and of PublicTest")
    groups = in_order(faces.extras["dup_group"] if "dup_group" in faces.extras else _groups(faces.images))
    usable = training & ~np.isin(groups, groups[public]) & (faces.images.std(axis=(1, 2)) > 1)
    votes = faces.extras.get("ferplus_votes")
    if votes is not None:
        usable &= votes[:, NOT_A_FACE].astype(np.int64) < 5
    chosen = np.random.default_rng(seed).permutation(np.unique(groups[usable]))
    held = usable & np.isin(groups, chosen[: int(len(chosen) * _HELD_OUT)])
    seen = np.isin(groups, groups[training])
    faces = replace(faces, extras={**faces.extras, "also_in_training": seen})
    return FaceSplits(faces.take(usable & ~held), faces.take(held), faces.take(public))


def _groups(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Equal numbers for identical pictures."""
    numbers = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)[1]
    return np.asarray(numbers, dtype=np.int64).reshape(-1)


def in_order(groups: NDArray[np.generic]) -> NDArray[np.int64]:
    """Groups numbered as they first occur: which pictures are held out depends on the rows' order alone."""
    _, first, numbers = np.unique(groups, return_index=True, return_inverse=True)
    ranks = np.empty(len(first), dtype=np.int64)
    ranks[np.argsort(first)] = np.arange(len(first))
    return np.asarray(ranks[numbers.reshape(-1)], dtype=np.int64)


def load_fer2013(data: Path) -> FaceSplits:
    """The splits of `DATA/fer2013` (npz, csv or folders), with FER+'s votes from `fer2013new.csv` there.

    Raises DataError when either is missing rows.
    """
    folder = data / "fer2013"
    csv, votes = folder / "fer2013.csv", folder / "fer2013new.csv"
    faces = load_faces(csv if csv.is_file() else folder)
    return split_faces(with_votes(faces, votes) if csv.is_file() and votes.is_file() else faces)


def with_votes(faces: Faces, path: Path) -> Faces:
    """Faces in the order of fer2013.csv with FER+'s votes; votes that came with them are kept.

    Raises DataError when the file has another number of rows.
    """
    if "ferplus_votes" in faces.extras:
        return faces
    usages, votes = load_votes(path)
    if len(votes) != len(faces.labels):
        raise DataError(f"{path} has {len(votes)} rows for {len(faces.labels)} faces: one is incomplete")
    if usages != faces.splits.tolist():
        raise DataError(f"{path} is in another order than fer2013.csv: their usages differ")
    return replace(faces, extras={**faces.extras, "ferplus_votes": votes})


__all__ = ["NOT_A_FACE", "FaceSplits", "in_order", "load_fer2013", "split_faces", "with_votes"]
