"""One channel of a sound that has several: a call keeps its two sides apart, left and right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from edge.capture.sound.mono import Downmix
from edge.capture.sound.resample import Samples

__all__ = ["SIDES", "Channel", "one_channel"]

Channel = Literal["mix", "left", "right"]
"""`mix` joins all channels; `left` and `right` are the first and the second alone."""

SIDES: Final[dict[Channel, int]] = {"left": 0, "right": 1}


def one_channel(channel: Channel) -> Callable[[Samples], Samples]:
    """A function from stretches (n, channels) that follow each other to one channel (n,).

    What belongs to another side is dropped here.
    """
    if channel == "mix":
        return Downmix()
    side = SIDES[channel]
    return lambda samples: np.ascontiguousarray(samples[:, min(side, samples.shape[1] - 1)])
