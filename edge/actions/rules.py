"""Rules: which mood sets which actions in motion, and when. Pure; the clocks are passed in.

A rule fires at the first moment at which all its conditions hold while the mood lasts, and once for
each stay in one of its moods. `on_exit` answers that firing when the stay ends; the queue drops the
answer to a firing of which nothing was carried out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from edge.actions.following import Follower, Point
from edge.actions.plan import PlannedAction, RestoreRequest, request_of, target_of
from edge.actions.rule import Rule, Situation
from edge.config.models import ActionsConfig, DeviceConfig, RuleConfig
from edge.config.templates import Context
from edge.vocabulary import Mood, by_label

__all__ = ["RuleEngine"]


class RuleEngine:
    """Turns moods into planned actions; `now` is monotonic seconds, `wall` the local time."""

    def __init__(self, config: ActionsConfig, *, device: DeviceConfig) -> None:
        self._device = device
        self._profile = config.profile
        self._rules = [Rule(rule) for rule in config.rules]
        self._firings = count(1)
        self._lights = [Follower(light, lambda: next(self._firings)) for light in config.follow]
        self._situation: Situation | None = None

    def on_mood(
        self, mood: Mood, now: float, wall: datetime, faces: int, speech: bool
    ) -> list[PlannedAction]:
        """Take in an update of the mood: what has to be done now."""
        self._situation = Situation(mood, faces, speech)
        return self._evaluate(now, wall)

    @property
    def watched(self) -> frozenset[str]:
        """Topics on which things tell the states that are to be put back."""
        things = [rule.thing(action) for rule in self._rules for action in rule.actions("then")]
        things += [light.thing for light in self._lights]
        return frozenset(thing.address for thing in things if thing and thing.kind == "zigbee2mqtt")

    def tick(self, now: float, wall: datetime) -> list[PlannedAction]:
        """Let time pass: `for`, `cooldown` and `between` may have come true."""
        return self._evaluate(now, wall)

    def follow(self, point: Point | None, now: float, wall: datetime) -> list[PlannedAction]:
        """Valence and arousal as they stand, None in an empty room; what the lights are told that follow."""
        taken = {target for rule in self._rules for target in rule.targets}
        return [
            action for light in self._lights for action in light.tick(point, now, wall, self._profile, taken)
        ]

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
            for action in self._plan(rule, phase, situation, now, wall, real=False)
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
        self, rule: Rule, phase: str, situation: Situation, now: float, wall: datetime, *, real: bool = True
    ) -> Iterator[PlannedAction]:
        context = self._context(rule.config, situation, wall)
        firing = next(self._firings)
        answers = rule.firing if real and phase == "on_exit" else None
        rule.firing = firing if phase == "then" else rule.firing
        if answers is not None:
            yield from self._returns(rule, context, firing, now)
        for action in rule.actions(phase):
            request = request_of(action, context)
            target = target_of(action, request)
            if real and phase == "then":
                rule.targets.add(target)
            yield PlannedAction(
                rule.config.name,
                phase,
                target,
                request,
                firing,
                now,
                action.supersede,
                action.after,
                answers,
                rule.thing(action) if real and phase == "then" else None,
            )

    def _returns(self, rule: Rule, context: Context, firing: int, now: float) -> Iterator[PlannedAction]:
        """What the rule changed is put back, once for each target."""
        returning = {
            target_of(action, request_of(action, context)): thing
            for action in rule.actions("then")
            if (thing := rule.thing(action)) is not None
        }
        for target, thing in returning.items():
            request = RestoreRequest(thing)
            yield PlannedAction(
                rule.config.name, "on_exit", target, request, firing, now, answers=rule.firing
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
