"""Inputs of an engine made of real items: to check it with, and to set its INT8 ranges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.inference.engine import Batch
from edge.perception.face_input import face_input
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.runs.lab import Lab


def real_inputs(lab: Lab, row: NetworkRow, count: int = 64) -> Batch:
    """Inputs of validation items, evenly chosen: of faces crops (n, 1, 48, 48) in bytes."""
    if isinstance(row, FaceRow):
        images = lab.faces().valid.images
        return images[:: max(1, len(images) // count)][:count, None]
    assert isinstance(row, SpeechRow)
    front, clips = row.recipe.front, lab.speech(row.recipe.front, variants=0).valid_clean
    chosen = clips[:: max(1, len(clips) // count)][:count]
    return np.concatenate([front.windows(each)[:1] for each in chosen])


def training_inputs(lab: Lab, row: NetworkRow, count: int) -> Batch:
    """Inputs of training items as they are, drawn with a fixed seed."""
    generator = np.random.default_rng(0)
    if isinstance(row, FaceRow):
        images = lab.faces().train.images
        return images[generator.choice(len(images), min(count, len(images)), replace=False)][:, None]
    assert isinstance(row, SpeechRow)
    front, clips = row.recipe.front, lab.speech(row.recipe.front, variants=0).variants[0]
    chosen = generator.choice(len(clips), min(count, len(clips)), replace=False)
    return np.concatenate([front.windows(clips[k])[:1] for k in chosen.tolist()])


def network_inputs(inputs: Batch) -> NDArray[np.float32]:
    """What a row's network takes of inputs of its engine: crops in bytes are standardised."""
    if inputs.dtype == np.uint8:
        return face_input(inputs[:, 0].astype(np.uint8, copy=False))
    return inputs.astype(np.float32, copy=False)


__all__ = ["network_inputs", "real_inputs", "training_inputs"]
