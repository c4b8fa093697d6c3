"""How far up the sound of a voice reaches: a telephone, a narrow microphone, or all of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from edge.perception.features import BANDS, HIGH, LOW, Features
from edge.perception.mel import band_centres

__all__ = ["band_edge"]

_ABOVE: Final = np.float32(np.log(16.0))
"""Logarithm by which a band must stand above the floor: 12 dB."""
_OFTEN: Final = 0.9
"""Quantile over the frames: the hissing sounds that reach highest are rare."""
_CENTRES: Final = band_centres(BANDS, LOW, HIGH)


def band_edge(features: Features) -> float:
    """Highest frequency in Hz at which a window of speech, as its features (1, bands, frames), is above its
    floor, which lies 60 dB below its loudest cell. Above 7 kHz the features do not reach."""
    loud = np.quantile(features[0], _OFTEN, axis=1)
    there = np.flatnonzero(loud > features.min() + _ABOVE)
    return float(_CENTRES[there[-1] if len(there) else 0])
