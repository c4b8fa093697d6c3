"""Training a face row: data split, augmentation, loss and validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.evaluation.faces import Faces
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.data.cameras import Cameras
from edge.training.data.face_augment import FaceAugment, growing_size, mixup, there
from edge.training.data.faces import FaceSplits
from edge.training.data.outlines import refilled, zoomed_out
from edge.training.data.wild import OUTLINE
from edge.training.models.face import INNER, TwoHeaded
from edge.training.recipes.device import autocast, device_of
from edge.training.recipes.engine_teachers import EngineTeachers
from edge.training.recipes.loop import Batch, Scores
from edge.training.recipes.network_teachers import NetworkTeachers
from edge.training.recipes.optimise import cnn_optimizers


@dataclass(frozen=True)
class FaceRecipe:
    """What can be varied; `inner` is the side used of a crop, `sizes` those of three stages of training,
    `masked` the share of whole pictures that get the outline of one that was cut out, `cut_out` the share of
    those in a batch (0: as many as there are) and `smaller` by how much they shrink (the log of a factor),
    `cameras` what bad ones do,
    `engine_share` and `network_share` those of the engines and networks that teach in the targets: engines
    teach whole pictures only, `network_share` all."""

    batch: int = 128
    inner: int = INNER
    sizes: tuple[int, ...] = (32, 36, INNER)
    votes: float = 0.5
    smoothing: float = 0.1
    mix: float = 0.5
    masked: float = 0.25
    cut_out: float = 0.0
    smaller: float = 0.3
    cameras: Cameras | None = None
    engine_share: float = 0.5
    network_share: float = 1.0
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
        engines: EngineTeachers | None = None,
        networks: NetworkTeachers | None = None,
    ) -> None:
        self.name, self._networks = name, networks
        self.model: nn.Module = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = optimizers or cnn_optimizers(self.model)
        self._recipe = recipe or FaceRecipe()
        targets = soft_targets(splits.train, self._recipe.smoothing)
        if engines is not None:
            taught = torch.from_numpy(engines.faces(splits.train.images))
            share = torch.full((len(taught), 1), self._recipe.engine_share)
            share[torch.from_numpy(_cut_out(splits.train))] = 0.0
            targets = torch.lerp(targets, taught, share)
        self._device = device_of(model)
        self._images = torch.from_numpy(splits.train.images).to(self._device)
        self._targets, self._votes = targets.to(self._device), vote_shares(splits.train).to(self._device)
        self._valid = torch.from_numpy(face_input(splits.valid.images)).to(self._device), splits.valid.labels
        self._outlines, self._beside = self._outside(splits), splits.beside
        self._cut = torch.from_numpy(_cut_out(splits.train))
        self._beside_name = splits.beside_name

    def steps(self) -> int:
        """Whole batches of an epoch."""
        return len(self._images) // self._recipe.batch

    def _outside(self, splits: FaceSplits) -> Tensor | None:
        """Outlines (n, 48, 48) of the training pictures; None when none is cut out."""
        outlines = splits.train.extras.get(OUTLINE)
        return None if outlines is None else torch.from_numpy(outlines.astype(bool)).to(self._device)

    def _filled(self, rows: Tensor) -> Tensor:
        """Pictures with their outlines filled, and some of the others cut out likewise: no mask tells."""
        pictures = self._images[rows]
        if self._outlines is None:
            return pictures
        cut = self._cut.nonzero()[:, 0]
        lent = self._outlines[there(cut[torch.randint(len(cut), (len(rows),))], rows)]
        chosen = there(torch.rand(len(rows), 1, 1) < self._recipe.masked, pictures)
        whole = there(~self._cut[rows.cpu()], pictures)[:, None, None]
        outlines = self._outlines[rows] | (lent & chosen & whole)
        moved, left = zoomed_out(pictures, outlines, self._recipe.smaller)
        bare = outlines.flatten(1).any(1)[:, None, None]
        return refilled(torch.where(bare, moved, pictures), left & bare, self._images)

    def _order(self) -> Tensor:
        """What an epoch sees: every picture once, or batches with the wanted share of cut-out ones."""
        share = self._recipe.cut_out
        if not share or self._outlines is None:
            return torch.randperm(len(self._images))
        cut, whole = self._cut.nonzero()[:, 0], (~self._cut).nonzero()[:, 0]
        few = round(self._recipe.batch * share)
        rows = [
            torch.cat([_drawn(cut, few), _drawn(whole, self._recipe.batch - few)])
            for _ in range(self.steps())
        ]
        return torch.cat(rows)

    def batches(self, progress: float) -> Iterator[Batch]:
        """Augmented pictures, soft labels and vote shares."""
        order = self._order().to(self._device)
        size = growing_size(progress, self._recipe.sizes)
        zoom = self._recipe.inner / FACE_SIZE
        for rows in torch.split(order[: self.steps() * self._recipe.batch], self._recipe.batch):
            pictures = self._filled(rows)
            if self._recipe.cameras is not None:
                pictures = self._recipe.cameras(pictures.clone())
            pictures = self._recipe.augment(pictures, size, zoom)
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
        if self._networks is not None:
            targets = torch.lerp(targets, self._networks(pictures), self._recipe.network_share)
        loss = functional.cross_entropy(emotion.float(), targets)
        return loss if vote is None else loss + self._recipe.votes * _soft(vote, votes)

    def validate(self, model: nn.Module) -> Scores:
        """Single-view accuracy on the validation, and on the set beside it by that set's name."""
        inputs, labels = self._valid
        logits = face_logits(model, inputs, self._recipe.inner)
        hits = logits.argmax(1) == labels
        scores = {"accuracy": float(hits.mean())}
        if self._beside is not None and self._beside_name == "wild":
            others = torch.from_numpy(face_input(self._beside.images))
            guesses = face_logits(model, others, self._recipe.inner).argmax(1)
            scores["wild"] = float((guesses == self._beside.labels).mean())
        return scores


def _cut_out(faces: Faces) -> NDArray[np.bool_]:
    """Which faces (n,) were cut out along their outline."""
    outlines = faces.extras.get(OUTLINE)
    if outlines is None:
        return np.zeros(len(faces.labels), dtype=bool)
    return np.asarray(outlines.reshape(len(outlines), -1).any(axis=1), dtype=bool)


def _drawn(rows: Tensor, n: int) -> Tensor:
    return rows[torch.randint(len(rows), (n,))]


def _heads(model: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor | None]:
    return model.both(pictures) if isinstance(model, TwoHeaded) else (model(pictures), None)


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


__all__ = ["FaceRecipe", "FaceTask", "face_logits", "soft_targets", "vote_shares"]
