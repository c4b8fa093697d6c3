"""Which channels of a recording are heard as speakers of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np

from edge.analysis.hearing import Heard
from edge.analysis.turns import Mask
from edge.capture.sound.channels import Channel
from edge.errors import CaptureError

__all__ = ["CHANNELS", "Channels", "apart", "check", "fixed", "perhaps_two", "unheard"]

Channels = Literal["auto", "mix", "split", "left", "right"]
CHANNELS: Final[tuple[Channels, ...]] = get_args(Channels)

_CALL: Final = 20.0
"""Seconds of speech that a message on the telephone seldom has."""
_TELEPHONE: Final = 4000.0
_LOUDER: Final = 6.0
_DIFFERENT: Final = 0.5


def check(path: Path, choice: Channels, channels: int) -> None:
    """Refuse a choice that the file cannot meet (CaptureError)."""
    if choice in ("split", "left", "right") and channels < 2:
        has = "no sound" if channels == 0 else "one channel"
        raise CaptureError(f"{path}: has {has}, so there is no --channels {choice}; use auto or mix")


def fixed(choice: Channels, channels: int) -> tuple[Channel, ...] | None:
    """The channels to hear where that does not depend on the sound; None: both sides have to be compared."""
    if choice == "auto":
        return None if channels == 2 else ("mix",)
    return ("left", "right") if choice == "split" else (choice,)


def unheard(choice: Channels, channels: int, *, film: bool) -> tuple[str, ...]:
    """What people should know of a recording with more than two channels; films are meant to be mixed."""
    if channels <= 2 or film or choice == "mix":
        return ()
    if choice == "auto":
        return (f"its {channels} channels are heard as one; --channels split hears the first two apart",)
    return (f"of its {channels} channels the first two count, as left and right",)


def perhaps_two(talk: float, reach: float | None) -> tuple[str, ...]:
    """What people should know of one voice that speaks for `talk` seconds and reaches up to `reach` Hz.

    A telephone has two ends. Who is not told apart is judged as one voice, also across their turns.
    """
    if talk < _CALL or reach is None or reach > _TELEPHONE:
        return ()
    return ("sounds like a telephone, heard as one voice; if two speak, --speakers 2 tells them apart",)


def apart(left: Heard, right: Heard, speaks_left: Mask, speaks_right: Mask) -> bool:
    """Whether the two channels hold different speakers.

    So it is when one side is louder by 6 dB in half of all frames with voice; music and films have the same
    voices on both sides.
    """
    n = min(len(speaks_left), len(speaks_right))
    a, b = speaks_left[:n], speaks_right[:n]
    either = a | b
    if not either.any():
        return False
    louder = np.abs(left.level[:n] - right.level[:n]) >= _LOUDER
    return float(np.mean(louder[either])) >= _DIFFERENT
