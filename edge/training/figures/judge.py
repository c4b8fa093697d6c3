"""A trained row on data it was not trained on: logits of the validation, good and degraded, and its score."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edge.evaluation.clips import Clip
from edge.perception.face_input import face_input
from edge.training.data.channels import Telephoned
from edge.training.data.copies import near_copies
from edge.training.data.sound import Background, SoundAugment, load_background
from edge.training.figures.readings import Readings
from edge.training.recipes.face_task import face_logits
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.speech_task import clip_logits, uar_by_corpus
from edge.training.runs.lab import SEED, Lab

FUSED: Final = ("face/ours", "speech/ours")
"""The rows whose readings are fused."""


def judge(lab: Lab, row: NetworkRow, model: nn.Module) -> Readings:
    """Readings of a model on its validation split, in float32 as its engine answers."""
    if isinstance(row, FaceRow):
        return _judge_face(lab, row, model)
    assert isinstance(row, SpeechRow)
    return _judge_speech(lab, row, model)


def score(lab: Lab, row: NetworkRow, model: nn.Module) -> float:
    """The row's metric on its validation, in float32: its log, in a training's arithmetic, may differ."""
    if isinstance(row, FaceRow):
        valid = lab.faces().valid
        return float((picture_logits(model, valid.images, row).argmax(1) == valid.labels).mean())
    assert isinstance(row, SpeechRow)
    clips = lab.corpora().split("valid")
    return uar_by_corpus(clips, speech_logits(lab, row, model, clips))["uar"]


def _judge_face(lab: Lab, row: FaceRow, model: nn.Module) -> Readings:
    """The temperature fits the held-out pictures and their mirror images: they are few.

    Those with a near copy in Training are left out: of them the model knows more than of a new face.
    """
    splits = lab.faces()
    known, valid = splits.train.images, splits.valid
    new = ~near_copies(splits.held_out.images, known)
    held = splits.held_out.take(new) if new.any() else splits.held_out
    seen = valid.extras["also_in_training"].astype(bool)
    return Readings(
        picture_logits(model, valid.images, row).astype(np.float64),
        valid.labels,
        {
            "also_in_training": np.where(seen, "yes", "no"),
            "near_copy_in_training": np.where(near_copies(valid.images, known), "yes", "no"),
        },
        picture_logits(model, mirrored(held.images), row).astype(np.float64),
        np.concatenate([held.labels, held.labels]),
        picture_logits(model, spoiled(valid.images), row).astype(np.float64) if row.name in FUSED else None,
    )


def mirrored(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (n, 48, 48) followed by their mirror images."""
    return np.concatenate([images, images[:, :, ::-1]])


def spoiled(images: NDArray[np.uint8], blur: float = 1.5, noise: float = 16.0) -> NDArray[np.uint8]:
    """Pictures as of a bad camera: Gaussian blur (deviation in pixels), then noise (in grey levels)."""
    generator = np.random.default_rng(SEED)
    soft = np.stack([cv2.GaussianBlur(image, (0, 0), blur) for image in images]) if blur else images
    return np.clip(soft + generator.normal(0, noise, soft.shape), 0, 255).astype(np.uint8)


def picture_logits(model: nn.Module, images: NDArray[np.uint8], row: FaceRow) -> NDArray[np.float32]:
    """Logits (n, 7) of pictures (n, 48, 48)."""
    return face_logits(model, torch.from_numpy(face_input(images)), row.recipe.inner, exact=True)


def _judge_speech(lab: Lab, row: SpeechRow, model: nn.Module) -> Readings:
    """The temperature fits clean validation clips and noisy ones, since rooms are not studios."""
    valid = lab.corpora().split("valid")
    labels = np.array([clip.label for clip in valid], dtype=np.int64)
    logits = speech_logits(lab, row, model, valid)
    noisy = speech_logits(lab, row, model, valid, snr=10.0)
    noisier = speech_logits(lab, row, model, valid, snr=5.0) if row.name in FUSED else None
    return Readings(
        logits.astype(np.float64),
        labels,
        clip_groups(valid),
        np.concatenate([logits, noisy]).astype(np.float64),
        np.concatenate([labels, labels]),
        None if noisier is None else noisier.astype(np.float64),
    )


def clip_groups(clips: list[Clip]) -> dict[str, NDArray[np.str_]]:
    """Corpus, sex and speaker of clips, (n,) each."""
    return {name: np.array([getattr(clip, name) for clip in clips]) for name in ("corpus", "sex", "speaker")}


def speech_logits(
    lab: Lab,
    row: SpeechRow,
    model: nn.Module,
    clips: list[Clip],
    snr: float | None = None,
    *,
    telephoned: bool = False,
) -> NDArray[np.float32]:
    """Logits (n, 7) of clips, clean, with background noise not used in training, or through a telephone."""
    front = row.recipe.front
    cache = lab.features(front)
    if telephoned:
        spectrograms = cache.varied(clips, 0, Background([], []), Telephoned())
    elif snr is None:
        spectrograms = cache.clean(clips)
    else:
        _, held = load_background(lab.data).split(SEED)
        augment = SoundAugment(speed=0.0, room=0.0, noise=1.0, snr=(snr, snr))
        spectrograms = cache.varied(clips, 0, held, augment)
    return clip_logits(model, [torch.from_numpy(front.windows(each)) for each in spectrograms], exact=True)


__all__ = ["FUSED", "clip_groups", "judge", "mirrored", "picture_logits", "score", "speech_logits", "spoiled"]
