"""Rules: which mood sets which actions in motion, and when. Pure; the clocks are passed in.

A rule fires at the first moment at which all its conditions hold while the mood lasts, and once for
each stay in one of its moods. `on_exit` runs when that stay ends, and only if the rule had fired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from edge.actions.plan import PlannedAction, expand, request_of, target_of
from edge.config.hours import Hours
from edge.config.models import Action, ActionsConfig, DeviceConfig, RuleConfig
from edge.config.templates import Context
from edge.vocabulary import NONE, Mood, by_label

__all__ = ["RuleEngine", "Situation"]


@dataclass(frozen=True, slots=True)
class Situation:
    """A mood and who contributed to it."""

    mood: Mood
    faces: int
    speech: bool


class RuleEngine:
    """Turns moods into planned actions; `now` is monotonic seconds, `wall` the local time."""

    def __init__(self, config: ActionsConfig, *, device: DeviceConfig) -> None:
        self._device = device
        self._profile = config.profile
        self._rules = [_Rule(rule) for rule in config.rules]
        self._firings = count(1)
        self._situation: Situation | None = None

    def on_mood(
        self, mood: Mood, now: float, wall: datetime, faces: int, speech: bool
    ) -> list[PlannedAction]:
        """Take in an update of the mood: what has to be done now."""
        self._situation = Situation(mood, faces, speech)
        return self._evaluate(now, wall)

    def tick(self, now: float, wall: datetime) -> list[PlannedAction]:
        """Let time pass: `for`, `cooldown` and `between` may have come true."""
        return self._evaluate(now, wall)

    def set_profile(self, profile: str | None, now: float, wall: datetime) -> list[PlannedAction]:
        """Change the profile in force; rules of the old one end."""
        self._profile = profile
        return self._evaluate(now, wall)

    def preview(
        self, mood: Mood, now: float, wall: datetime, *, only: str | None = None
    ) -> list[PlannedAction]:
        """What the rules for this mood would do, and on leaving it, whatever the time, senses and profile."""
        situation = Situation(mood, 1, True)
        chosen = [rule for rule in self._rules if rule.wants(mood) and only in (None, rule.config.name)]
        return [
            action
            for rule in chosen
            for phase in ("then", "on_exit")
            for action in self._plan(rule, phase, situation, now, wall)
        ]

    def _evaluate(self, now: float, wall: datetime) -> list[PlannedAction]:
        situation = self._situation
        if situation is None:
            return []
        left = [rule for rule in self._rules if rule.leaves(situation, self._profile)]
        fired = [rule for rule in self._rules if rule.fires(situation, self._profile, now, wall)]
        exits = [action for rule in left for action in self._plan(rule, "on_exit", situation, now, wall)]
        return exits + [action for rule in fired for action in self._plan(rule, "then", situation, now, wall)]

    def _plan(
        self, rule: _Rule, phase: str, situation: Situation, now: float, wall: datetime
    ) -> Iterator[PlannedAction]:
        context = self._context(rule.config, situation, wall)
        firing = next(self._firings)
        for action in rule.actions(phase):
            request = request_of(action, context)
            target = target_of(action, request)
            yield PlannedAction(
                rule.config.name, phase, target, request, firing, now, action.supersede, action.after
            )

    def _context(self, rule: RuleConfig, situation: Situation, wall: datetime) -> Context:
        mood = situation.mood
        return {
            "emotion": mood.emotion,
            "previous": mood.previous,
            "confidence": round(mood.confidence, 2),
            "source": mood.source,
            "ts": wall,
            "device": self._device.id,
            "name": self._device.name,
            "room": self._device.room or "",
            "site": self._device.site or "",
            "rule": rule.name,
            "profile": self._profile or "",
            "faces": situation.faces,
            "speech": situation.speech,
            **{f"probabilities.{label}": share for label, share in by_label(mood.probabilities).items()},
        }


class _Rule:
    def __init__(self, config: RuleConfig) -> None:
        self.config = config
        self._then = expand(config.then)
        self._on_exit = expand(config.on_exit)
        self._hours = None if config.between is None else Hours.parse(*config.between)
        self._entered: float | None = None
        self._fired_at: float | None = None
        self._active = False

    def actions(self, phase: str) -> Sequence[Action]:
        return self._then if phase == "then" else self._on_exit

    def wants(self, mood: Mood) -> bool:
        return mood.emotion in self.config.when

    def leaves(self, situation: Situation, profile: str | None) -> bool:
        """Has a stay ended in which the rule had fired?"""
        if self.wants(situation.mood) and self._in_profile(profile):
            return False
        ended, self._active, self._entered = self._active, False, None
        return ended

    def fires(self, situation: Situation, profile: str | None, now: float, wall: datetime) -> bool:
        """Is this the first moment of the stay at which everything holds?"""
        if self._active or not (self.wants(situation.mood) and self._in_profile(profile)):
            return False
        self._entered = now if self._entered is None else self._entered
        if not (self._long_enough(now) and self._holds(situation) and self._in_hours(wall)):
            return False
        self._active, self._fired_at = True, now
        return True

    def _in_profile(self, profile: str | None) -> bool:
        return self.config.profile in (None, profile)

    def _in_hours(self, wall: datetime) -> bool:
        return self._hours is None or self._hours.contains(wall)

    def _long_enough(self, now: float) -> bool:
        rested = self._fired_at is None or now - self._fired_at >= self.config.cooldown
        return rested and self._entered is not None and now - self._entered >= self.config.hold

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
