"""How a row stands bad pictures or noise, and what a speech row says to sound that is no speech."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import nn

from edge.evaluation.metrics import abstention
from edge.training.data.sound import load_background
from edge.training.figures.judge import picture_logits, speech_logits, spoiled
from edge.training.figures.readings import Readings
from edge.training.figures.scores import Document
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.speech_task import clip_logits, uar_by_corpus
from edge.training.runs.lab import SEED, Lab
from edge.vocabulary import softmax

_THRESHOLDS: Final = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_PICTURES: Final = ((1.0, 0.0), (1.5, 0.0), (0.0, 8.0), (0.0, 16.0), (1.5, 8.0), (1.5, 16.0))
"""Blur in pixels, noise in grey levels."""


def robustness(lab: Lab, row: NetworkRow, model: nn.Module, readings: Readings) -> Document:
    """Scores by condition; for speech abstention curves of validation clips and of held-out sounds, too.

    `readings` are the model's on its validation.
    """
    if isinstance(row, FaceRow):
        return _faces(lab, row, model, readings)
    assert isinstance(row, SpeechRow)
    return _speech(lab, row, model, readings)


def _faces(lab: Lab, row: FaceRow, model: nn.Module, readings: Readings) -> Document:
    """PublicTest, as it is, blurred and noisy."""
    valid = lab.faces().valid
    scores = {"as it is": float((readings.logits.argmax(1) == readings.labels).mean())}
    for blur, noise in _PICTURES:
        logits = picture_logits(model, spoiled(valid.images, blur, noise), row)
        scores[_condition(blur, noise)] = float((logits.argmax(1) == valid.labels).mean())
    return {"conditions": scores}


def _condition(blur: float, noise: float) -> str:
    parts = [f"blur {blur:g} px"] * (blur > 0) + [f"noise {noise:g} levels"] * (noise > 0)
    return " and ".join(parts)


def _speech(lab: Lab, row: SpeechRow, model: nn.Module, readings: Readings) -> Document:
    """Clean, held-out noise, a telephone; confidence on validation speech and on held-out sounds."""
    clips = lab.corpora().split("valid")
    scores = {"as it is": uar_by_corpus(clips, readings.logits.astype(np.float32))["uar"]}
    for snr in (20.0, 10.0, 5.0):
        scores[f"{snr:.0f} dB"] = uar_by_corpus(clips, speech_logits(lab, row, model, clips, snr))["uar"]
    scores["telephone"] = uar_by_corpus(clips, speech_logits(lab, row, model, clips, telephoned=True))["uar"]
    _, held = load_background(lab.data).split(SEED)
    front = row.recipe.front
    inputs = [
        torch.from_numpy(front.windows(front.extract(noise).astype(np.float16))) for noise in held.noises
    ]
    other = softmax(clip_logits(model, inputs, exact=True).astype(np.float64) / readings.temperature)
    nothing = np.zeros(len(other), dtype=np.int64)
    return {
        "conditions": scores,
        "speech": abstention(readings.probabilities(), readings.labels, _THRESHOLDS),
        "noise": abstention(other, nothing, _THRESHOLDS),
    }


__all__ = ["robustness"]
