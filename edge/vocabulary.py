"""The vocabulary shared by every part: the seven labels and the values that flow between stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

LABELS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's order; index = class id of every model, card and payload."""

NONE: Final = "none"
"""The mood when nobody has been read for a while."""

SAMPLE_RATE: Final = 16_000
"""Hz, mono; the only rate behind capture."""

Modality = Literal["face", "speech"]
Source = Literal["face", "speech", "fused"]
Probabilities = NDArray[np.float64]
"""Shape (7,), label order, sums to one."""

Box = tuple[float, float, float, float]
"""x, y, w, h, normalised to the picture's width and height."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture: BGR uint8 (h, w, 3), and when it was captured (monotonic or media seconds).

    With `planar` it is uint8 (3 h / 2, w), a film's planes Y, U, V below each other at studio levels (I420).
    """

    image: NDArray[np.uint8]
    captured_at: float
    planar: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """A stretch of sound as captured: float32 (n,), 16 kHz mono, -1..1; `captured_at` is its end."""

    samples: NDArray[np.float32]
    captured_at: float


@dataclass(frozen=True, slots=True, eq=False)
class AudioWindow:
    """Up to 3 s of voiced sound: float32 (n,), 16 kHz mono; `voiced` is the share of speech (0..1)."""

    samples: NDArray[np.float32]
    captured_at: float
    voiced: float


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one sense says about one person at one moment.

    `quality` (0..1) says how far the reading can be trusted; `latency` is in seconds from capture
    to reading; `box` and `track` are set for faces only.
    """

    modality: Modality
    probabilities: Probabilities
    quality: float
    captured_at: float
    latency: float = 0.0
    box: Box | None = None
    track: int | None = None

    @property
    def emotion(self) -> str:
        """The most probable label."""
        return LABELS[int(np.argmax(self.probabilities))]


@dataclass(frozen=True, slots=True, eq=False)
class Mood:
    """The fused and steadied emotion of the room.

    `emotion` is a label or `none`; `confidence` is that of the last accepted change; `since` is the
    moment of that change and `captured_at` the newest contributing capture, both on the daemon's clock.
    """

    emotion: str
    confidence: float
    probabilities: Probabilities
    source: Source
    since: float
    captured_at: float
    previous: str = NONE


def by_label(probabilities: Probabilities, digits: int = 4) -> dict[str, float]:
    """The probabilities as the payloads carry them: an object keyed by label."""
    return {label: round(float(p), digits) for label, p in zip(LABELS, probabilities, strict=True)}


def softmax(scores: Probabilities) -> Probabilities:
    """Probabilities (…, 7) from scores."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
