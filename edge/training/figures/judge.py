"""A trained row on data it was not trained on: logits kept as readings, temperature, figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.evaluation.fitting import fit_temperature
from edge.evaluation.metrics import by_group, interval, metrics, nll, uar
from edge.perception.face_input import face_input
from edge.training.data.copies import near_copies
from edge.training.data.sound import SoundAugment, load_background
from edge.training.recipes.face_task import face_logits
from edge.training.recipes.rows import Row
from edge.training.recipes.speech_task import clip_logits, uar_by_corpus
from edge.training.runs.lab import SEED, Lab
from edge.vocabulary import LABELS, softmax

Array = NDArray[np.float64]
Document = dict[str, Any]
FUSED = ("face/ours", "speech/ours")
"""The rows whose readings are fused."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Validation logits (n, 7) with labels (n,) and group names, and those the temperature is fitted on;

    `degraded` are logits of the same items made worse, for fusion: blurred, noisy pictures, speech at 5 dB.
    """

    logits: Array
    labels: NDArray[np.int64]
    groups: dict[str, NDArray[np.str_]]
    held_logits: Array
    held_labels: NDArray[np.int64]
    degraded: Array | None = None

    @property
    def temperature(self) -> float:
        """Fitted by likelihood on the held-out readings."""
        return fit_temperature(self.held_logits, self.held_labels)

    def probabilities(self) -> Array:
        """Calibrated, of the validation."""
        return softmax(self.logits / self.temperature)

    def half(self, which: int) -> Readings:
        """Every other validation reading, from the first (0) or the second (1)."""
        groups = {name: values[which::2] for name, values in self.groups.items()}
        worse = None if self.degraded is None else self.degraded[which::2]
        return replace(
            self, logits=self.logits[which::2], labels=self.labels[which::2], groups=groups, degraded=worse
        )

    def worse(self) -> Readings:
        """The same items degraded. Raises DataError when that was not judged."""
        if self.degraded is None:
            raise DataError("these readings lack the degraded ones: evaluate the row again")
        return replace(self, logits=self.degraded)

    def save(self, path: Path) -> None:
        """As `.npz`."""
        extra: dict[str, NDArray[Any]] = {f"group_{name}": values for name, values in self.groups.items()}
        if self.degraded is not None:
            extra["degraded"] = self.degraded
        np.savez_compressed(
            path,
            logits=self.logits,
            labels=self.labels,
            held_logits=self.held_logits,
            held_labels=self.held_labels,
            allow_pickle=False,
            **extra,
        )


def load_readings(path: Path) -> Readings:
    """Readings saved by `judge`. Raises DataError when they are missing."""
    if not path.is_file():
        raise DataError(f"no readings {path}: run `python -m edge.training evaluate` for this row first")
    with np.load(path) as file:
        groups = {name[6:]: file[name] for name in file.files if name.startswith("group_")}
        degraded = file["degraded"] if "degraded" in file.files else None
        held = file["held_logits"], file["held_labels"]
        return Readings(file["logits"], file["labels"], groups, *held, degraded)


def judge(lab: Lab, row: Row, model: nn.Module) -> Readings:
    """Readings of a model on its validation split, in float32 as its engine answers."""
    return _judge_face(lab, row, model) if row.kind == "face" else _judge_speech(lab, row, model)


def _judge_face(lab: Lab, row: Row, model: nn.Module) -> Readings:
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


def picture_logits(model: nn.Module, images: NDArray[np.uint8], row: Row) -> NDArray[np.float32]:
    """Logits (n, 7) of pictures (n, 48, 48)."""
    return face_logits(model, torch.from_numpy(face_input(images)), row.face.inner, exact=True)


def _judge_speech(lab: Lab, row: Row, model: nn.Module) -> Readings:
    """The temperature fits clean validation clips and noisy ones, since rooms are not studios."""
    valid = lab.corpora().split("valid")
    labels = np.array([clip.label for clip in valid], dtype=np.int64)
    logits = speech_logits(lab, row, model, valid)
    noisy = speech_logits(lab, row, model, valid, snr=10.0)
    noisier = speech_logits(lab, row, model, valid, snr=5.0) if row.name in FUSED else None
    return Readings(
        logits.astype(np.float64),
        labels,
        {
            "corpus": np.array([clip.corpus for clip in valid]),
            "sex": np.array([clip.sex for clip in valid]),
            "speaker": np.array([clip.speaker for clip in valid]),
        },
        np.concatenate([logits, noisy]).astype(np.float64),
        np.concatenate([labels, labels]),
        None if noisier is None else noisier.astype(np.float64),
    )


def score(lab: Lab, row: Row, model: nn.Module) -> float:
    """The row's metric on its validation, in float32: its log, in a training's arithmetic, may differ."""
    if row.kind == "face":
        valid = lab.faces().valid
        return float((picture_logits(model, valid.images, row).argmax(1) == valid.labels).mean())
    clips = lab.corpora().split("valid")
    return uar_by_corpus(clips, speech_logits(lab, row, model, clips))["uar"]


def speech_logits(
    lab: Lab, row: Row, model: nn.Module, clips: list[Clip], snr: float | None = None
) -> NDArray[np.float32]:
    """Logits (n, 7) of clips, clean or with background noise not used in training."""
    front = row.speech.front
    cache = lab.features(front)
    if snr is None:
        spectrograms = cache.clean(clips)
    else:
        _, held = load_background(lab.data).split(SEED)
        augment = SoundAugment(speed=0.0, room=0.0, noise=1.0, snr=(snr, snr))
        spectrograms = cache.varied(clips, 0, held, augment)
    return clip_logits(model, [torch.from_numpy(front.windows(each)) for each in spectrograms], exact=True)


def figures(readings: Readings) -> Document:
    """All figures of a row's validation, calibrated; for speech by corpus and by sex as well."""
    p = readings.probabilities()
    result: Document = {
        **metrics(p, readings.labels),
        "accuracy_interval": interval(p.argmax(axis=1) == readings.labels),
        "temperature": readings.temperature,
        "nll_uncalibrated": nll(softmax(readings.logits), readings.labels),
        "groups": {
            name: by_group(p, readings.labels, values.tolist()) for name, values in readings.groups.items()
        },
    }
    if "corpus" in readings.groups:
        corpora = result["groups"]["corpus"]
        result["mean_uar"] = float(np.mean([scores["uar"] for scores in corpora.values()]))
        result["mean_uar_interval"] = mean_uar_interval(p, readings)
        if len(np.unique(readings.groups["speaker"])) > 1:
            result["ece_across"] = cross_fitted_ece(readings)
    return result


def mean_uar_interval(p: Array, readings: Readings, rounds: int = 1000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean UAR, clips drawn within their corpora; speakers are as they are."""
    generator, guesses = np.random.default_rng(SEED), p.argmax(axis=1)
    corpora = readings.groups["corpus"]
    means = np.zeros(rounds)
    names = np.unique(corpora)
    for name in names:
        own = np.flatnonzero(corpora == name)
        drawn = own[generator.integers(len(own), size=(rounds, len(own)))]
        means += [uar(readings.labels[rows], guesses[rows]) / len(names) for rows in drawn]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def cross_fitted_ece(readings: Readings) -> float:
    """Calibration error of speakers the temperature was not fitted on: halves, each fitting the other."""
    speakers = readings.groups["speaker"]
    names = np.unique(speakers)
    half = np.isin(speakers, names[::2])
    p = np.empty_like(readings.logits)
    for rows in (half, ~half):
        p[rows] = softmax(
            readings.logits[rows] / fit_temperature(readings.logits[~rows], readings.labels[~rows])
        )
    return float(metrics(p, readings.labels)["ece"])


def class_scores(document: Document) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 by label, as a card carries them."""
    return {
        label: {k: document["per_class"][label][k] for k in ("precision", "recall", "f1")} for label in LABELS
    }


__all__ = ["Readings", "class_scores", "figures", "judge", "load_readings", "speech_logits", "uar_by_corpus"]
