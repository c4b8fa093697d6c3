"""Training a face row: data split, augmentation, loss and validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.evaluation.faces import Faces, load_faces
from edge.perception.face_input import face_input
from edge.training.augment import FaceAugment, growing_size, mixup
from edge.training.loop import Batch, Scores
from edge.training.models.face import INNER, FaceNet
from edge.training.optimise import cnn_optimizers

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
    groups = faces.extras.get("dup_group", _groups(faces.images))
    usable = training & ~np.isin(groups, groups[public]) & (faces.images.std(axis=(1, 2)) > 1)
    votes = faces.extras.get("ferplus_votes")
    if votes is not None:
        usable &= votes[:, NOT_A_FACE] < 5
    chosen = np.random.default_rng(seed).permutation(np.unique(groups[usable]))
    held = usable & np.isin(groups, chosen[: int(len(chosen) * HELD_OUT)])
    return FaceSplits(faces.take(usable & ~held), faces.take(held), faces.take(public))


def _groups(
    images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Equal numbers for identical pictures."""
    numbers = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)[1]
    return np.asarray(numbers, dtype=np.int64).reshape(-1)


def load_fer2013(data: Path) -> FaceSplits:
    """The splits of `DATA/fer2013` (npz, csv or folders)."""
    folder = data / "fer2013"
    csv = folder / "fer2013.csv"
    return split_faces(load_faces(csv if csv.is_file() else folder))


class FaceTask:
    """Our rows: cross-entropy on the labels with smoothing, plus FER+ votes through a second head."""

    metric = "accuracy"

    def __init__(
        self,
        name: str,
        model: FaceNet,
        splits: FaceSplits,
        *,
        batch: int = 128,
        votes_weight: float = 0.5,
        smoothing: float = 0.1,
        mix: float = 0.5,
        augment: FaceAugment | None = None,
        sizes: tuple[int, ...] = (32, 36, INNER),
        teacher: Tensor | None = None,
    ) -> None:
        self.name = name
        self.model: nn.Module = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = cnn_optimizers(self.model)
        self._net = model
        self._batch, self._votes_weight, self._smoothing, self._mix = batch, votes_weight, smoothing, mix
        self._augment, self._sizes = augment or FaceAugment(), sizes
        self._images = torch.from_numpy(splits.train.images)
        self._targets = soft_targets(splits.train, smoothing)
        self._votes = vote_shares(splits.train)
        self._valid = torch.from_numpy(face_input(splits.valid.images)), splits.valid.labels
        self._teacher = teacher

    def steps(self) -> int:
        """Whole batches of an epoch."""
        return len(self._images) // self._batch

    def batches(self, progress: float) -> Iterator[Batch]:
        """Augmented pictures, soft labels and vote shares."""
        order = torch.randperm(len(self._images))
        size = growing_size(progress, self._sizes)
        for step in range(self.steps()):
            rows = order[step * self._batch : (step + 1) * self._batch]
            pictures = self._augment(self._images[rows], size).to(memory_format=torch.channels_last)
            yield pictures, self._targets[rows], self._votes[rows]

    def loss(self, batch: Batch, progress: float) -> Tensor:
        """Mixed pictures in the first 85 %, clean ones at the end."""
        pictures, targets, votes = batch
        if progress < 0.85 and float(torch.rand(())) < self._mix:
            pictures, order, weight = mixup(pictures)
            targets = targets * weight + targets[order] * (1 - weight)
            votes = votes * weight + votes[order] * (1 - weight)
        with torch.autocast("cpu", torch.bfloat16):
            emotion, vote = self._net.both(pictures)
        loss = functional.cross_entropy(emotion.float(), targets)
        voted = _soft(vote, votes)
        return loss + self._votes_weight * voted

    def validate(self, model: nn.Module) -> Scores:
        """Single-view accuracy on PublicTest."""
        inputs, labels = self._valid
        logits = face_logits(model, inputs)
        hits = logits.argmax(1) == labels
        return {"accuracy": float(hits.mean())}


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
    model: nn.Module, inputs: Tensor, batch: int = 256
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Logits (n, 7) of prepared crops (n, 1, 48, 48), the border left out as in training."""
    margin = (inputs.shape[-1] - INNER) // 2
    inner = inputs[:, :, margin : margin + INNER, margin : margin + INNER]
    parts = []
    for start in range(0, len(inner), batch):
        with torch.autocast("cpu", torch.bfloat16):
            part = model(inner[start : start + batch].to(memory_format=torch.channels_last))
        parts.append(part.float().numpy())
    return np.concatenate(parts)
