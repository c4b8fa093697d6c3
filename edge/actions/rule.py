"""One rule: the stay in its moods, and the one moment of it at which the rule fires. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from edge.actions.ladder import Ladder, Step
from edge.actions.plan import expand
from edge.config.hours import Hours
from edge.config.models import Action, RuleConfig
from edge.config.things import Thing
from edge.vocabulary import NONE, Mood

__all__ = ["Rule", "Situation"]


@dataclass(frozen=True, slots=True)
class Situation:
    """A mood and who contributed to it."""

    mood: Mood
    faces: int
    speech: bool


class Rule:
    """`firing` is the number of the newest firing, `targets` what it drives while the stay lasts."""

    def __init__(self, config: RuleConfig) -> None:
        self.config = config
        self._then = expand(config.then)
        self._on_exit = expand(config.on_exit)
        self.ladder = _ladder(config)
        self.alerts = any(action.alert is not None for action in self._then)
        self._hours = None if config.between is None else Hours.parse(*config.between)
        self._entered: float | None = None
        self._fired_at: float | None = None
        self._active = False
        self._missed = False
        self.firing = 0
        self.targets: set[str] = set()

    def actions(self, phase: str) -> Sequence[Action]:
        """What to do in the phase `then` or `on_exit`."""
        return self._then if phase == "then" else self._on_exit

    def thing(self, action: Action) -> Thing | None:
        """What is to be put back after this action."""
        wanted = self.config.restore if action.restore is None else action.restore
        return action.thing if wanted else None

    def wants(self, mood: Mood) -> bool:
        """Is it one of the rule's moods?"""
        return mood.emotion in self.config.when

    def leaves(self, situation: Situation, profile: str | None) -> bool:
        """Has a stay ended in which the rule had fired?"""
        if self.wants(situation.mood) and self._in_profile(profile):
            return False
        ended, self._active, self._missed, self._entered = self._active, False, False, None
        self.targets.clear()
        if self.ladder is not None:
            self.ladder.end()
        return ended

    def fires(self, situation: Situation, profile: str | None, now: float, wall: datetime) -> bool:
        """Is this the moment of the stay at which the rule acts?

        The first at which everything holds; if the rule still rests then, the stay is left out, unless
        `late: fire` lets it act when the rest is over.
        """
        if self._active or self._missed or not (self.wants(situation.mood) and self._in_profile(profile)):
            return False
        self._entered = now if self._entered is None else self._entered
        if not (self._long_enough(now) and self._holds(situation) and self._in_hours(wall)):
            return False
        if not self._rested(now):
            self._missed = self.config.late == "skip"
            return False
        self._active, self._fired_at = True, now
        if self.ladder is not None:
            self.ladder.begin(now)
        return True

    def _in_profile(self, profile: str | None) -> bool:
        return self.config.profile in (None, profile)

    def _in_hours(self, wall: datetime) -> bool:
        return self._hours is None or self._hours.contains(wall)

    def _long_enough(self, now: float) -> bool:
        return self._entered is not None and now - self._entered >= self.config.hold

    def _rested(self, now: float) -> bool:
        return self._fired_at is None or now - self._fired_at >= self.config.cooldown

    def _holds(self, situation: Situation) -> bool:
        # An empty room is a fact, not an estimate: nobody contributes to it, and its confidence says nothing.
        if situation.mood.emotion == NONE:
            return True
        return situation.mood.confidence >= self.config.min_confidence and _senses(
            self.config.only_if, situation
        )


def _senses(wanted: str | None, situation: Situation) -> bool:
    source = situation.mood.source
    face = situation.faces > 0 or source in ("face", "fused")
    speech = situation.speech or source in ("speech", "fused")
    return {None: True, "face": face, "speech": speech, "both": face and speech}[wanted]


def _ladder(config: RuleConfig) -> Ladder | None:
    """The entries of `then` as steps, if one of them is made for it: each waits behind the one before."""
    if not any(action.is_step for action in config.then):
        return None
    offsets = accumulate(action.after for action in config.then)
    return Ladder(
        [
            Step(
                offset, action.repeat, action.until, tuple(expand([action.model_copy(update={"after": 0.0})]))
            )
            for offset, action in zip(offsets, config.then, strict=True)
        ]
    )
