"""How a photograph is judged other than a film: it has no pace to keep, and may be of any emotion."""

from __future__ import annotations

from edge.config import Config
from edge.inference.auto import unhurried
from edge.mood.usual import ALIKE

__all__ = ["for_photograph"]


def for_photograph(config: Config) -> Config:
    """The configuration with the full models in the place of `auto` and no emotion expected of a face."""
    fusion = config.fusion.model_copy(update={"face_neutral": ALIKE, "newcomer_neutral": ALIKE})
    return unhurried(config).model_copy(update={"fusion": fusion})
