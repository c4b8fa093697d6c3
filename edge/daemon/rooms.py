"""The rooms of the daemon: each with its plan and its mood, made anew only where that has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.config import Config
from edge.config.plans import RoomPlan
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.mood.room import RoomMood

__all__ = ["Room", "Rooms", "made_rooms"]


@dataclass(frozen=True, slots=True)
class Room:
    """One room."""

    plan: RoomPlan
    mood: RoomMood


Rooms = Mapping[str, Room]
"""By the key of the plan, in the order of the file."""


def made_rooms(
    config: Config, plans: Sequence[RoomPlan], now: float, before: tuple[Config, Rooms] | None = None
) -> Rooms:
    """A mood for every room; `before` are those in force, of which the ones that stay the same are kept.

    Nothing of `before` is changed. Raises ModelError for weights that cannot be used.
    """
    old, known = before or (config, {})
    same_models = old.engines == config.engines
    rooms = {}
    for plan in plans:
        room = known.get(plan.key)
        stays = room is not None and same_models and _mood_of(room.plan) == _mood_of(plan)
        rooms[plan.key] = Room(plan, room.mood) if room is not None and stays else _made(config, plan, now)
    return rooms


def _mood_of(plan: RoomPlan) -> tuple[object, ...]:
    return plan.fusion, plan.smoothing, plan.overlap


def _made(config: Config, plan: RoomPlan, now: float) -> Room:
    parameters = read_parameters(model_directory(config.engines), plan.fusion, config.engines)
    own = config.model_copy(update={"fusion": plan.fusion, "smoothing": plan.smoothing})
    mood = RoomMood(config=own, parameters=parameters, now=now, overlap=plan.overlap)
    mood.expect(plan.fps)
    return Room(plan, mood)
