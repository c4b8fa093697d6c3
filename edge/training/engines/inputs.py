"""Inputs of an engine made of real items: to check it with, and to set its INT8 ranges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.perception.face_input import face_input
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.runs.lab import Lab


def real_inputs(lab: Lab, row: NetworkRow, count: int = 64) -> NDArray[np.float32]:
    """Inputs of validation items, evenly chosen."""
    if isinstance(row, FaceRow):
        images = lab.faces().valid.images
        return face_input(images[:: max(1, len(images) // count)][:count])
    assert isinstance(row, SpeechRow)
    front, clips = row.recipe.front, lab.speech(row.recipe.front, variants=0).valid_clean
    chosen = clips[:: max(1, len(clips) // count)][:count]
    return np.concatenate([front.windows(each)[:1] for each in chosen])


def training_inputs(lab: Lab, row: NetworkRow, count: int) -> NDArray[np.float32]:
    """Inputs of training items as they are, drawn with a fixed seed."""
    generator = np.random.default_rng(0)
    if isinstance(row, FaceRow):
        images = lab.faces().train.images
        return face_input(images[generator.choice(len(images), min(count, len(images)), replace=False)])
    assert isinstance(row, SpeechRow)
    front, clips = row.recipe.front, lab.speech(row.recipe.front, variants=0).variants[0]
    chosen = generator.choice(len(clips), min(count, len(clips)), replace=False)
    return np.concatenate([front.windows(clips[k])[:1] for k in chosen.tolist()])


__all__ = ["real_inputs", "training_inputs"]
