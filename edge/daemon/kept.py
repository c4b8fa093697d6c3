"""What history keeps of a room, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from edge.config import Config
from edge.config.directories import state_directory
from edge.history.segments import Look
from edge.mood.room import RoomMood
from edge.vocabulary import LABELS, NONE

if TYPE_CHECKING:
    from edge.history.store import HistoryStore

__all__ = ["confidence", "kept_history", "look"]


def confidence(room: RoomMood) -> float:
    """Steadied probability of the mood in force; 0 for none."""
    emotion = room.mood.emotion
    return 0.0 if emotion == NONE else float(room.probabilities[LABELS.index(emotion)])


def kept_history(config: Config, env: Mapping[str, str]) -> HistoryStore:
    """The history of this device on disk; only where one is kept is SQLite loaded."""
    from edge.history.store import HistoryStore, history_file

    return HistoryStore(history_file(state_directory(env), config.device.id))


def look(room: RoomMood, health: str, wall: float) -> Look:
    """The room at this moment, as history keeps it."""
    return Look(wall, room.mood.emotion, round(confidence(room), 3), room.faces, health)
