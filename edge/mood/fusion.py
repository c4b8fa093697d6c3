"""Fusion of face and speech: the newest readings of both senses become one estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.mood.pooling import (
    RULES,
    FusionParameters,
    Rule,
    fuse_fscore,
    fuse_loglinear,
    fuse_mean,
    fuse_product,
)
from edge.vocabulary import LABELS, Modality, Probabilities, Reading, Source

__all__ = [
    "RULES",
    "Fused",
    "Fusion",
    "FusionParameters",
    "Rule",
    "fuse_fscore",
    "fuse_loglinear",
    "fuse_mean",
    "fuse_product",
]


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """What both senses say together at one moment; `captured_at` is the newest contributing capture."""

    probabilities: Probabilities
    source: Source
    captured_at: float
    sources: tuple[Modality, ...]

    @property
    def emotion(self) -> str:
        """The most probable label."""
        return LABELS[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return float(self.probabilities.max())


class Fusion:
    """Keeps the newest reading of each sense and fuses those that are fresh and good enough."""

    def __init__(
        self,
        *,
        parameters: FusionParameters,
        rule: Rule = "loglinear",
        face_stale: float = 1.5,
        speech_stale: float = 4.0,
        min_quality: float = 0.05,
    ) -> None:
        self._parameters = parameters
        self._rule = RULES[rule]
        self._stale: dict[Modality, float] = {"face": face_stale, "speech": speech_stale}
        self._min_quality = min_quality
        self._newest: dict[Modality, Reading] = {}
        weights: dict[Modality, float] = {"face": parameters.face_weight, "speech": parameters.speech_weight}
        self._ignored = {name for name in weights if rule == "loglinear" and weights[name] == 0}

    def update(self, reading: Reading, now: float | None = None) -> Fused | None:
        """Take a reading and fuse; `now` (same clock) is its capture time if left out.

        Returns None when the reading cannot be used: too poor, already stale, out of order or not finite.
        """
        moment = reading.captured_at if now is None else now
        previous = self._newest.get(reading.modality)
        late = previous is not None and reading.captured_at < previous.captured_at
        if late or not _usable(reading) or self.trust(reading, moment) <= 0:
            return None
        self._newest[reading.modality] = reading
        return self.fuse(moment)

    def fuse(self, now: float) -> Fused | None:
        """What the fresh readings say at `now`; None if there is none."""
        trusts = {name: self.trust(reading, now) for name, reading in self._newest.items()}
        sources: tuple[Modality, ...] = tuple(name for name in trusts if trusts[name] > 0)
        if not sources:
            return None
        face, speech = self._newest.get("face"), self._newest.get("speech")
        probabilities = self._rule(
            face.probabilities if face else None,
            speech.probabilities if speech else None,
            self._parameters,
            face_quality=trusts.get("face", 0.0),
            speech_quality=trusts.get("speech", 0.0),
        )
        newest = max(self._newest[name].captured_at for name in sources)
        return Fused(probabilities, "fused" if len(sources) > 1 else sources[0], newest, sources)

    def trust(self, reading: Reading, now: float) -> float:
        """The quality that is left of a reading: whole at first, fading to 0 when stale."""
        if reading.quality < self._min_quality or reading.modality in self._ignored:
            return 0.0
        age = (now - reading.captured_at) / self._stale[reading.modality]
        return reading.quality * min(max(2.0 * (1.0 - age), 0.0), 1.0)

    def carry_on(self, before: Fusion) -> None:
        """Begin with the readings of another one."""
        self._newest = dict(before._newest)

    def quality(self, now: float) -> float:
        """Trust in the best reading that still counts at `now`; 0 where nobody is judged."""
        return max((self.trust(reading, now) for reading in self._newest.values()), default=0.0)

    def forget(self, modality: Modality | None = None) -> None:
        """Drop what was read: a device was closed, or a file began anew."""
        if modality is None:
            self._newest.clear()
        else:
            self._newest.pop(modality, None)


def _usable(reading: Reading) -> bool:
    values = reading.probabilities
    finite = bool(np.isfinite(values).all()) and np.isfinite(reading.quality)
    return values.shape == (len(LABELS),) and bool(finite) and bool((values >= 0).all()) and values.sum() > 0
