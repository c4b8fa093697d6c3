"""How often each clip is drawn, and which classes it may be asked about."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.evaluation.speakers import ONLY_TRAINED
from edge.training.data.corpora import Corpora
from edge.vocabulary import LABELS


def sampling_weights(clips: list[Clip], aside: float, only: tuple[str, ...] = ()) -> NDArray[np.float64]:
    """Classes equal within a corpus, corpora by the root of their size, some turned down; `only` those
    corpora are drawn at all, where any is named.

    Raises DataError when that leaves no clip.
    """
    corpora = np.array([clip.corpus for clip in clips])
    keys = np.array([f"{clip.corpus}/{clip.label}" for clip in clips])
    sizes = {name: float((corpora == name).sum()) for name in set(corpora.tolist())}
    classes = {name: len({k for k in keys.tolist() if k.startswith(name + "/")}) for name in sizes}
    counts = {key: float((keys == key).sum()) for key in set(keys.tolist())}
    weights = np.array(
        [
            sizes[c] ** 0.5 / classes[c] / counts[k] * (aside if c in ONLY_TRAINED else 1.0)
            for c, k in zip(corpora.tolist(), keys.tolist(), strict=True)
        ]
    )
    if only:
        weights *= np.isin(corpora, only)
    if not weights.any():
        raise DataError(f"no training clip of {', '.join(only)}")
    return np.asarray(weights / weights.sum())


def class_masks(corpora: Corpora, clips: list[Clip]) -> Tensor:
    """1 where the clip's corpus has the class, (n, 7)."""
    table = {name: corpora.classes(name) for name in {clip.corpus for clip in clips}}
    return torch.tensor([[float(k in table[clip.corpus]) for k in range(len(LABELS))] for clip in clips])


__all__ = ["class_masks", "sampling_weights"]
