"""Labelled faces: FER2013 as .npz, Kaggle's csv or folders of pictures, and FER+ votes."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.files.png import is_cut_or_torn
from edge.errors import DataError
from edge.evaluation.index import read_index
from edge.evaluation.labels import label_id
from edge.perception.face_input import FACE_SIZE
from edge.vocabulary import LABELS

__all__ = ["Faces", "load_faces", "load_votes", "to_crop"]

_PICTURES: Final = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}
_USAGES: Final = ("Training", "PublicTest", "PrivateTest")


@dataclass(frozen=True, eq=False)
class Faces:
    """Crops uint8 (n, 48, 48), class ids (n,), their split names (n,), and what the file says besides."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.str_]
    skipped: dict[str, int] = field(default_factory=dict)
    extras: dict[str, NDArray[np.generic]] = field(default_factory=dict)

    def take(self, rows: NDArray[np.generic]) -> Faces:
        """The chosen rows (mask or indices)."""
        extras = {name: values[rows] for name, values in self.extras.items()}
        return Faces(self.images[rows], self.labels[rows], self.splits[rows], self.skipped, extras)

    def split(self, name: str | None) -> Faces:
        """One split, or everything when no name is given.

        Raises DataError when there is no such split.
        """
        if name is None:
            return self
        rows = self.splits == name
        if not rows.any():
            known = ", ".join(sorted(set(self.splits.tolist()) - {""})) or "none"
            raise DataError(f"no rows of split '{name}'; splits here: {known}")
        return self.take(rows)


def load_faces(path: Path) -> Faces:
    """Faces from `.npz`, `fer2013.csv` or a folder of class folders.

    Raises DataError when the path is missing, half there or in another layout.
    """
    if path.is_dir():
        npz = path / "fer2013.npz"
        return _from_npz(npz) if npz.is_file() else _from_folders(path)
    if not path.is_file():
        raise DataError(f"no face data at {path}: give a .npz, fer2013.csv or a folder of class folders")
    if path.suffix == ".npz":
        return _from_npz(path)
    if path.suffix == ".csv":
        return _from_csv(path)
    raise DataError(f"{path} is not face data: give a .npz, fer2013.csv or a folder of class folders")


def to_crop(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Any grey or colour picture of a face as grey uint8 (48, 48)."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image, dtype=np.uint8)
    if grey.shape == (FACE_SIZE, FACE_SIZE):
        return grey
    method = cv2.INTER_AREA if min(grey.shape[:2]) >= FACE_SIZE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (FACE_SIZE, FACE_SIZE), interpolation=method), dtype=np.uint8)


def _from_npz(path: Path) -> Faces:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        images, ids = arrays.pop("images"), arrays.pop("labels")
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} is not face data ({error}): it needs the arrays 'images' and 'labels'"
        ) from error
    colour = images.ndim == 4 and images.shape[3] == 3
    if len(images) != len(ids) or not (images.ndim == 3 or colour) or images.dtype != np.uint8:
        raise DataError(
            f"{path}: images must be uint8 (n, h, w[, 3]) with one label each, found {images.shape}"
        )
    if ids.dtype.kind not in "iu" or ids.ndim != 1:
        raise DataError(f"{path}: labels must be whole numbers (n,), found {ids.dtype} {ids.shape}")
    names = [str(name) for name in arrays.pop("label_names", np.array(LABELS)).tolist()]
    usage_names = arrays.pop("usage_names", np.array(_USAGES))
    splits = _split_names(path, arrays, usage_names, len(ids))
    extras = {
        name: values for name, values in arrays.items() if len(values.shape) and len(values) == len(ids)
    }
    return _labelled(images, [names[i] if 0 <= i < len(names) else str(i) for i in ids], splits, extras)


def _split_names(
    path: Path, arrays: dict[str, NDArray[np.generic]], usage_names: NDArray[np.generic], n: int
) -> NDArray[np.str_]:
    values = arrays.pop("usage", None)
    values = arrays.pop("split", np.full(n, "")) if values is None else values
    if values.shape != (n,):
        raise DataError(f"{path}: usage must name the split of each of the {n} images, found {values.shape}")
    if values.dtype.kind in "iu":
        if n and not 0 <= int(values.min()) <= int(values.max()) < len(usage_names):
            raise DataError(f"{path}: usage must be below {len(usage_names)}, the number of usage_names")
        return np.array([str(usage_names[int(i)]) for i in values.tolist()])
    return values.astype(str)


def _labelled(
    images: NDArray[np.uint8],
    names: list[str],
    splits: NDArray[np.str_],
    extras: dict[str, NDArray[np.generic]],
) -> Faces:
    ids = [label_id(name) for name in names]
    known = np.array([i is not None for i in ids], dtype=bool)
    skipped: dict[str, int] = {}
    for name, i in zip(names, ids, strict=True):
        if i is None:
            skipped[name] = skipped.get(name, 0) + 1
    crops = (
        np.stack([to_crop(image) for image, keep in zip(images, known, strict=True) if keep])
        if known.any()
        else None
    )
    if crops is None:
        raise DataError(f"no face has one of the labels {', '.join(LABELS)}")
    labels = np.array([i for i in ids if i is not None], dtype=np.int64)
    return Faces(
        crops, labels, splits[known], skipped, {name: values[known] for name, values in extras.items()}
    )


def _from_csv(path: Path) -> Faces:
    images, names, splits = [], [], []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                pixels = np.array(row["pixels"].split(), dtype=np.uint8).reshape(FACE_SIZE, FACE_SIZE)
                names.append(LABELS[_class_id(row["emotion"])])
            except (KeyError, ValueError, IndexError, AttributeError, TypeError, OverflowError) as error:
                raise DataError(
                    f"{path} line {number}: not a fer2013.csv row of emotion, pixels[, Usage] ({error})"
                ) from error
            images.append(pixels)
            splits.append(row.get("Usage") or "")
    if not images:
        raise DataError(f"{path} has no rows: the file is incomplete, fetch it again")
    return _labelled(np.stack(images), names, np.array(splits), {})


def _class_id(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(f"emotion {number}")
    return number


def _from_folders(path: Path) -> Faces:
    """`path/CLASS/*.png` or `path/SPLIT/CLASS/*.png`."""
    images, names, splits = [], [], []
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() not in _PICTURES:
            continue
        images.append(to_crop(_picture(file)))
        names.append(file.parent.name)
        splits.append("" if file.parent.parent == path else file.parent.parent.name)
    if not images:
        raise DataError(f"no pictures under {path}: expected folders named {', '.join(LABELS)}")
    return _labelled(np.stack(images), names, np.array(splits), {})


def _picture(file: Path) -> NDArray[np.uint8]:
    try:
        data = file.read_bytes()
        whole = bool(data) and not is_cut_or_torn(data)
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if whole else None
    except (OSError, cv2.error):
        image = None
    if image is None:
        raise DataError(f"{file} is not a readable picture: remove it or fetch it again")
    return np.asarray(image, dtype=np.uint8)


def load_votes(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    """FER+ votes from `fer2013new.csv`: usages (n,) and counts (n, 10), row i of fer2013.csv.

    Raises DataError when the file is missing or in another layout.
    """
    if not path.is_file():
        raise DataError(f"no FER+ votes at {path}: fetch fer2013new.csv")
    columns = (
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
        "unknown",
        "NF",
    )
    rows = read_index(path, "Usage", *columns)
    try:
        votes = np.array([[float(row[name]) for name in columns] for row in rows], dtype=np.float32)
        return [row["Usage"] for row in rows], votes
    except ValueError as error:
        raise DataError(f"{path} is not FER+'s fer2013new.csv ({error})") from error
