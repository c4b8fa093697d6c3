"""How a speech row stands noise, and what it says to sound that is no speech."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from edge.evaluation.metrics import abstention
from edge.pooling import softmax
from edge.training.judge import load_readings, speech_logits
from edge.training.lab import SEED, Lab
from edge.training.rows import Row
from edge.training.sound import load_background
from edge.training.speech_task import clip_logits, uar_by_corpus

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Robustness:
    """Mean UAR by condition, and abstention curves of speech and of other sounds."""

    uar: dict[str, float]
    speech: list[dict[str, float]]
    noise: list[dict[str, float]]


def speech_robustness(lab: Lab, row: Row) -> Robustness:
    """Clean, 20, 10 and 5 dB of held-out noise; confidence on validation speech and on held-out sounds.

    Raises DataError when the row was not trained and judged.
    """
    model = lab.trained(row)
    clips = lab.corpora().split("valid")
    scores = {"clean": uar_by_corpus(clips, speech_logits(lab, row, model, clips))["uar"]}
    for snr in (20.0, 10.0, 5.0):
        scores[f"{snr:.0f} dB"] = uar_by_corpus(clips, speech_logits(lab, row, model, clips, snr))["uar"]
    readings = load_readings(lab.folder(row) / "readings.npz")
    _, held = load_background(lab.data).split(SEED)
    front = row.speech.front
    inputs = [
        torch.from_numpy(front.windows(front.extract(noise).astype(np.float16))) for noise in held.noises
    ]
    other = softmax(clip_logits(model, inputs).astype(np.float64) / readings.temperature)
    nothing = np.zeros(len(other), dtype=np.int64)
    return Robustness(
        scores,
        abstention(readings.probabilities(), readings.labels, THRESHOLDS),
        abstention(other, nothing, THRESHOLDS),
    )
