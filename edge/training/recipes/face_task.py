"""Training a face row: data split, augmentation, loss and validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.evaluation.faces import Faces, load_faces, load_votes
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.data.augment import FaceAugment, growing_size, mixup
from edge.training.device import autocast, device_of
from edge.training.models.face import INNER, FaceNet
from edge.training.recipes.loop import Batch, Scores
from edge.training.recipes.optimise import cnn_optimizers
from edge.training.recipes.teacher import Teachers
from edge.training.recipes.tutors import Tutors

NOT_A_FACE = 9
HELD_OUT = 0.04


@dataclass(frozen=True, eq=False)
class FaceSplits:
    """Training rows without the validation's pictures, rows held out for calibration, PublicTest."""

    train: Faces
    held_out: Faces
    valid: Faces


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
    held = usable & np.isin(groups, chosen[: int(len(chosen) * HELD_OUT)])
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


@dataclass(frozen=True)
class FaceRecipe:
    """What can be varied; `inner` is the side used of a crop, `sizes` those of three stages of training,
    `distil` the share of the teachers, if there are any, in the targets, `tutored` that of the tutors."""

    batch: int = 128
    inner: int = INNER
    sizes: tuple[int, ...] = (32, 36, INNER)
    votes: float = 0.5
    smoothing: float = 0.1
    mix: float = 0.5
    distil: float = 0.5
    tutored: float = 1.0
    augment: FaceAugment = field(default_factory=FaceAugment)


class FaceTask:
    """Cross-entropy on the labels with smoothing, and on FER+ votes where the network has a head for them."""

    metric = "accuracy"

    def __init__(
        self,
        name: str,
        model: nn.Module,
        splits: FaceSplits,
        *,
        recipe: FaceRecipe | None = None,
        optimizers: list[torch.optim.Optimizer] | None = None,
        teachers: Teachers | None = None,
        tutors: Tutors | None = None,
    ) -> None:
        self.name, self._tutors = name, tutors
        self.model: nn.Module = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = optimizers or cnn_optimizers(self.model)
        self._recipe = recipe or FaceRecipe()
        targets = soft_targets(splits.train, self._recipe.smoothing)
        if teachers is not None:
            taught = torch.from_numpy(teachers.faces(splits.train.images))
            targets = torch.lerp(targets, taught, self._recipe.distil)
        self._device = device_of(model)
        self._images = torch.from_numpy(splits.train.images).to(self._device)
        self._targets, self._votes = targets.to(self._device), vote_shares(splits.train).to(self._device)
        self._valid = torch.from_numpy(face_input(splits.valid.images)).to(self._device), splits.valid.labels

    def steps(self) -> int:
        """Whole batches of an epoch."""
        return len(self._images) // self._recipe.batch

    def batches(self, progress: float) -> Iterator[Batch]:
        """Augmented pictures, soft labels and vote shares."""
        order = torch.randperm(len(self._images)).to(self._device)
        size = growing_size(progress, self._recipe.sizes)
        zoom = self._recipe.inner / FACE_SIZE
        for rows in torch.split(order[: self.steps() * self._recipe.batch], self._recipe.batch):
            pictures = self._recipe.augment(self._images[rows], size, zoom)
            pictures = pictures.contiguous(memory_format=torch.channels_last)
            yield pictures, self._targets[rows], self._votes[rows]

    def loss(self, batch: Batch, progress: float) -> Tensor:
        """Mixed pictures in the first 85 %, clean ones at the end."""
        pictures, targets, votes = batch
        if progress < 0.85 and float(torch.rand(())) < self._recipe.mix:
            pictures, order, weight = mixup(pictures)
            targets = targets * weight + targets[order] * (1 - weight)
            votes = votes * weight + votes[order] * (1 - weight)
        with autocast(self._device):
            emotion, vote = _heads(self.model, pictures)
        if self._tutors is not None:
            targets = torch.lerp(targets, self._tutors(pictures), self._recipe.tutored)
        loss = functional.cross_entropy(emotion.float(), targets)
        return loss if vote is None else loss + self._recipe.votes * _soft(vote, votes)

    def validate(self, model: nn.Module) -> Scores:
        """Single-view accuracy on PublicTest."""
        inputs, labels = self._valid
        logits = face_logits(model, inputs, self._recipe.inner)
        hits = logits.argmax(1) == labels
        return {"accuracy": float(hits.mean())}


def _heads(model: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor | None]:
    return model.both(pictures) if isinstance(model, FaceNet) else (model(pictures), None)


def _soft(logits: Tensor, shares: Tensor) -> Tensor:
    return -(shares * functional.log_softmax(logits.float(), 1)).sum(1).mean()


def soft_targets(faces: Faces, smoothing: float) -> Tensor:
    """Smoothed one-hot labels (n, 7)."""
    return functional.one_hot(torch.from_numpy(faces.labels), 7).float() * (1 - smoothing) + smoothing / 7


def vote_shares(faces: Faces) -> Tensor:
    """FER+ votes as shares (n, 10); zero rows where there are none, which drop out of the loss."""
    votes = faces.extras.get("ferplus_votes")
    if votes is None:
        return torch.zeros(len(faces.labels), 10)
    shares = torch.from_numpy(votes.astype(np.float32))
    shares = shares / shares.sum(1, keepdim=True).clamp(min=1)
    usable = faces.extras.get("votes_ok", np.ones(len(votes), dtype=bool))
    return shares * torch.from_numpy(usable.astype(np.float32))[:, None]


@torch.no_grad()
def face_logits(
    model: nn.Module, inputs: Tensor, inner: int = INNER, batch: int = 256, *, exact: bool = False
) -> NDArray[np.float32]:
    """Logits (n, 7) of prepared crops (n, 1, 48, 48), the border left out as in training; `exact` as an
    engine answers, in float32."""
    start, end, device = (FACE_SIZE - inner) // 2, (FACE_SIZE + inner) // 2, device_of(model)
    parts = []
    for part in torch.split(inputs[:, :, start:end, start:end], batch):
        with autocast(device, exact=exact):
            parts.append(model(part.to(device).contiguous(memory_format=torch.channels_last)).float())
    return np.asarray(torch.cat(parts).cpu().numpy())
