"""Rules: which mood sets which actions in motion, and when. Pure; the clocks are passed in.

A rule fires at the first moment at which all its conditions hold while the mood lasts, and once for
each stay in one of its moods. `on_exit` answers that firing when the stay ends; the queue drops the
answer to a firing of which nothing was carried out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from edge.actions.following import Follower, Point
from edge.actions.plan import AlertRequest, PlannedAction, RestoreRequest, request_of, target_of
from edge.actions.rule import Rule, Situation
from edge.config.models import Action, ActionsConfig, DeviceConfig, RuleConfig
from edge.config.templates import Context
from edge.vocabulary import Mood, by_label

__all__ = ["RuleEngine"]


@dataclass(frozen=True, slots=True)
class _Moment:
    situation: Situation
    now: float
    wall: datetime


class RuleEngine:
    """Turns the moods of one room into planned actions; `now` is monotonic seconds, `wall` the local time.

    `room` is the id of that room where there are several: rules and lights for others rest. `place` is its
    name. `firings` gives the numbers of firings, to all engines of a daemon.
    """

    def __init__(
        self,
        config: ActionsConfig,
        *,
        device: DeviceConfig,
        room: str | None = None,
        place: str | None = None,
        firings: Iterator[int] | None = None,
    ) -> None:
        self._device, self._place = device, place or device.room or ""
        self._profile = config.profile
        mine = (None, room) if room is not None else (None, *(rule.room for rule in config.rules))
        self._rules = [Rule(rule) for rule in config.rules if rule.room in mine]
        self._firings = count(1) if firings is None else firings
        lights = [light for light in config.follow if room is None or light.room in (None, room)]
        self._lights = [Follower(light, lambda: next(self._firings)) for light in lights]
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

    def acknowledge(self, causes: Collection[str]) -> None:
        """Somebody has noticed the alerts of these rules; their ladders climb no further."""
        for rule in self._rules:
            if rule.ladder is not None and rule.config.name in causes:
                rule.ladder.acknowledge()

    def set_profile(self, profile: str | None) -> None:
        """Change the profile in force; rules of the old one end with the next tick."""
        self._profile = profile

    def preview(
        self, mood: Mood, now: float, wall: datetime, *, only: str | None = None
    ) -> list[PlannedAction]:
        """What the rules for this mood would do, and on leaving it, whatever the time, senses and profile."""
        moment = _Moment(Situation(mood, 1, True), now, wall)
        chosen = [rule for rule in self._rules if rule.wants(mood) and only in (None, rule.config.name)]
        return [
            action
            for rule in chosen
            for phase in ("then", "on_exit")
            for _, action in self._plan(rule, phase, rule.actions(phase), next(self._firings), moment)
        ]

    def _evaluate(self, now: float, wall: datetime) -> list[PlannedAction]:
        situation = self._situation
        if situation is None:
            return []
        moment = _Moment(situation, now, wall)
        left = [rule for rule in self._rules if rule.leaves(situation, self._profile)]
        fired = [rule for rule in self._rules if rule.fires(situation, self._profile, now, wall)]
        planned = [action for rule in left for action in self._exit(rule, moment)]
        for rule in fired:
            rule.firing = next(self._firings)
            if rule.ladder is None:
                planned += self._then(rule, rule.actions("then"), moment)
        for rule in self._rules:
            for step in rule.ladder.due(now) if rule.ladder is not None else ():
                planned += self._then(rule, step.actions, moment)
        return planned

    def _then(self, rule: Rule, actions: Sequence[Action], moment: _Moment) -> Iterator[PlannedAction]:
        for action, planned in self._plan(rule, "then", actions, rule.firing, moment):
            rule.targets.add(planned.target)
            yield replace(planned, thing=rule.thing(action))

    def _exit(self, rule: Rule, moment: _Moment) -> Iterator[PlannedAction]:
        """Clear its alert, put back what it changed, then what is to be done on leaving."""
        firing = next(self._firings)
        if rule.alerts:
            yield PlannedAction(rule.config.name, "on_exit", "alert", AlertRequest(None), firing, moment.now)
        yield from self._returns(rule, self._context(rule.config, moment), firing, moment.now)
        actions = rule.actions("on_exit")
        for _, planned in self._plan(rule, "on_exit", actions, firing, moment):
            yield replace(planned, answers=None if rule.alerts else rule.firing)

    def _plan(
        self,
        rule: Rule,
        phase: str,
        actions: Sequence[Action],
        firing: int,
        moment: _Moment,
    ) -> Iterator[tuple[Action, PlannedAction]]:
        context, name = self._context(rule.config, moment), rule.config.name
        for action in actions:
            request = request_of(action, context)
            target = target_of(action, request)
            yield (
                action,
                PlannedAction(
                    name, phase, target, request, firing, moment.now, action.supersede, action.after
                ),
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

    def _context(self, rule: RuleConfig, moment: _Moment) -> Context:
        situation, mood = moment.situation, moment.situation.mood
        return {
            "emotion": mood.emotion,
            "previous": mood.previous,
            "confidence": round(mood.confidence, 2),
            "source": mood.source,
            "ts": moment.wall,
            "device": self._device.id,
            "name": self._device.name,
            "room": self._place,
            "site": self._device.site or "",
            "rule": rule.name,
            "profile": self._profile or "",
            "faces": situation.faces,
            "speech": situation.speech,
            **{f"probabilities.{label}": share for label, share in by_label(mood.probabilities).items()},
        }
