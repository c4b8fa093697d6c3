"""The many names of the seven emotions in public data sets."""

from __future__ import annotations

from typing import Final

from edge.vocabulary import LABELS

__all__ = ["label_id"]

_ALIASES: Final = {
    "anger": "angry",
    "ang": "angry",
    "disgusted": "disgust",
    "dis": "disgust",
    "fearful": "fear",
    "fea": "fear",
    "happiness": "happy",
    "hap": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "pleasant surprise": "surprise",
    "pleasant_surprise": "surprise",
    "pleasant_surprised": "surprise",
    "ps": "surprise",
    "sur": "surprise",
    "calm": "neutral",
    "neu": "neutral",
}
"""RAVDESS's calm counts as neutral."""


def label_id(name: str) -> int | None:
    """Class id of a label under any of its names; None for emotions outside the seven."""
    key = name.strip().lower()
    key = _ALIASES.get(key, key)
    return LABELS.index(key) if key in LABELS else None
