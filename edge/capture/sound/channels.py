"""One channel of a sound that has several: a call keeps its two sides apart, left and right."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from edge.capture.sound.resample import Samples, to_mono

__all__ = ["SIDES", "Channel", "one_channel"]

Channel = Literal["mix", "left", "right"]
"""`mix` joins all channels; `left` and `right` are the first and the second alone."""

SIDES: Final[dict[Channel, int]] = {"left": 0, "right": 1}


def one_channel(samples: Samples, channel: Channel) -> Samples:
    """Samples (n, channels) as one channel (n,); what belongs to another side is dropped here."""
    if channel == "mix":
        return to_mono(samples)
    return np.ascontiguousarray(samples[:, min(SIDES[channel], samples.shape[1] - 1)])
