"""Lights that follow valence and arousal. Pure; the clocks are passed in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from edge.actions.plan import PlannedAction, RestoreRequest, request_of, target_of
from edge.config.following import Axis, FollowConfig
from edge.config.hours import Hours
from edge.config.models import Action
from edge.config.things import Thing

__all__ = ["Follower", "Point"]

Point = Mapping[Axis, float]
"""Valence and arousal, each -1 to 1."""

_STEP: Final = 0.03
"""Share of its span by which the look has to differ before it is sent again."""


class Follower:
    """One light. `number` gives the numbers of firings."""

    def __init__(self, config: FollowConfig, number: Callable[[], int]) -> None:
        self.config = config
        self._number = number
        self._hours = None if config.between is None else Hours.parse(*config.between)
        look = {name: low for name, low, _ in (span.moves for span in config.map.values())}
        first = self._actions(look)[0]
        self.thing: Thing | None = first.thing if config.restore else None
        self.target = target_of(first, request_of(first, {}))
        self._sent: dict[str, int] = {}
        self._sent_at: float | None = None
        self._firing: int | None = None

    def tick(
        self, point: Point | None, now: float, wall: datetime, profile: str | None, taken: Collection[str]
    ) -> list[PlannedAction]:
        """What the light is to be told now.

        `point` is None in an empty room; a light that is a target of a rule in force (`taken`) is left to it.
        """
        follows = point is not None and self.config.profile in (None, profile) and self._in_hours(wall)
        if point is None or not follows:
            return self._end(now)
        look = self._look(point)
        if self.target in taken:
            self._sent = {}
            return []
        if not self._due(look, now):
            return []
        self._firing = self._firing or self._number()
        self._sent, self._sent_at = look, now
        return [self._planned(action, self._firing, now) for action in self._actions(look)]

    def _end(self, now: float) -> list[PlannedAction]:
        firing, self._firing, self._sent = self._firing, None, {}
        if firing is None or self.thing is None:
            return []
        request = RestoreRequest(self.thing)
        number = self._number()
        return [PlannedAction(self.config.name, "on_exit", self.target, request, number, now, answers=firing)]

    def _look(self, point: Point) -> dict[str, int]:
        return {
            name: round(low + (high - low) * (min(1.0, max(-1.0, point[axis])) + 1.0) / 2.0)
            for axis, (name, low, high) in ((axis, span.moves) for axis, span in self.config.map.items())
        }

    def _due(self, look: Mapping[str, int], now: float) -> bool:
        if self._sent_at is not None and now - self._sent_at < self.config.every:
            return False
        return not self._sent or any(
            abs(look[name] - self._sent[name]) > _STEP * abs(high - low)
            for name, low, high in (span.moves for span in self.config.map.values())
        )

    def _in_hours(self, wall: datetime) -> bool:
        return self._hours is None or self._hours.contains(wall)

    def _actions(self, look: dict[str, int]) -> list[Action]:
        return [Action.model_validate(spec) for spec in self.config.specs(look)]

    def _planned(self, action: Action, firing: int, now: float) -> PlannedAction:
        request = request_of(action, {})
        target = target_of(action, request)
        return PlannedAction(self.config.name, "then", target, request, firing, now, thing=self.thing)
