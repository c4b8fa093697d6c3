"""FER2013 and the faces from the wild together, or one of them left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from edge.errors import DataError
from edge.evaluation.faces import Faces
from edge.training.data.faces import FaceSplits, load_fer2013
from edge.training.data.wild import PLACE, load_wild

FACE_SETS: Final = ("fer2013", "wild")
_HELD_OUT: Final = 0.04


@dataclass(frozen=True, eq=False)
class FaceSets:
    """FER2013's splits and, where they are at hand, the wild faces to train on and to judge by."""

    fer2013: FaceSplits
    wild: tuple[Faces, Faces] | None = None

    def together(self) -> FaceSplits:
        """Trained on both, judged by both apart."""
        if self.wild is None:
            return self.fer2013
        train, valid = self.wild
        joined = concatenated(self.fer2013.train, train)
        return replace(self.fer2013, train=joined, beside=valid, beside_name="wild", sets=FACE_SETS)

    def leaving_out(self, name: str, seed: int) -> FaceSplits:
        """Trained on one set alone, its own validation to choose by, the other set beside.

        Raises DataError for an unknown set, or without the wild faces.
        """
        if name not in FACE_SETS:
            raise DataError(f"no set of faces '{name}'; sets: {', '.join(FACE_SETS)}")
        if self.wild is None:
            raise DataError(f"no faces from the wild at {PLACE} in the data folder: nothing to leave out")
        train, valid = self.wild
        if name == "wild":
            return replace(self.fer2013, beside=valid, beside_name="wild")
        held = np.random.default_rng(seed).random(len(train.labels)) < _HELD_OUT
        public = self.fer2013.valid
        parts = train.take(~held), train.take(held), _alone(valid)
        return FaceSplits(*parts, beside=public, beside_name="fer2013", sets=("wild",))


def load_face_sets(data: Path, *, wild: bool = True) -> FaceSets:
    """What the data folder has, without the wild faces if they are not wanted.

    Raises DataError when FER2013 is missing or half there.
    """
    return FaceSets(load_fer2013(data), load_wild(data) if wild else None)


def _alone(faces: Faces) -> Faces:
    nobody = np.zeros(len(faces.labels), dtype=bool)
    return replace(faces, extras={**faces.extras, "also_in_training": nobody})


def concatenated(first: Faces, second: Faces) -> Faces:
    """Both, with zeros for extras that one of them lacks."""
    names = {**first.extras, **second.extras}
    extras = {
        name: np.concatenate([_extra(each, name, values) for each in (first, second)])
        for name, values in names.items()
    }
    joined = (
        np.concatenate([getattr(each, name) for each in (first, second)])
        for name in ("images", "labels", "splits")
    )
    images, labels, splits = joined
    return Faces(images, labels, splits, first.skipped, extras)


def _extra(
    faces: Faces, name: str, like: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    found = faces.extras.get(name)
    return np.zeros((len(faces.labels), *like.shape[1:]), like.dtype) if found is None else found


__all__ = ["FACE_SETS", "FaceSets", "concatenated", "load_face_sets"]
