"""Steps that follow one another while a mood lasts, until somebody acknowledges. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge.config.models import Action

__all__ = ["Ladder", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is done `offset` seconds after the beginning, and every `repeat` seconds from then on."""

    offset: float
    repeat: float | None
    until: Literal["ack", "exit"] | None
    actions: tuple[Action, ...]


class Ladder:
    """Once acknowledged it climbs no further: only what goes on `until: exit` is repeated."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = tuple(steps)
        self._next: list[float | None] = [None] * len(self._steps)
        self._acknowledged = False

    def begin(self, now: float) -> None:
        """The rule fires."""
        self._next = [now + step.offset for step in self._steps]
        self._acknowledged = False

    def end(self) -> None:
        """The mood has passed."""
        self._next = [None] * len(self._steps)

    def acknowledge(self) -> None:
        """Somebody has noticed."""
        self._acknowledged = True

    def due(self, now: float) -> list[Step]:
        """The steps whose time has come, each at most once however late it is."""
        found = []
        for index, step in enumerate(self._steps):
            at = self._next[index]
            if at is None or now < at or (self._acknowledged and step.until != "exit"):
                continue
            found.append(step)
            self._next[index] = None if step.repeat is None else now + step.repeat
        return found
