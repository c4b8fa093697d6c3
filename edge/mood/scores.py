"""What is known of a room at one moment, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from edge.mood.affect import Affect, affect, entropy
from edge.vocabulary import Probabilities

__all__ = ["Scores"]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The steadied distribution (7,), the quality (0 to 1) of the best reading that counts, and people."""

    emotion: str
    probabilities: Probabilities
    quality: float
    people: int

    @property
    def affect(self) -> Affect:
        """Expected valence and arousal."""
        return affect(self.probabilities)

    @property
    def entropy(self) -> float:
        """Doubt, in bits."""
        return entropy(self.probabilities)
