"""What faces and voices look like to their models."""

from __future__ import annotations

from typing import Final

from edge.perception.face_input import FACE_SIZE
from edge.perception.features import BANDS, FRAMES

__all__ = ["FACE_ITEM", "SPEECH_ITEM"]

FACE_ITEM: Final = (1, FACE_SIZE, FACE_SIZE)
"""One face: a channel, rows, columns."""
SPEECH_ITEM: Final = (1, BANDS, FRAMES)
"""One window of speech: a channel, mel bands, frames."""
