"""What moods set in motion: the rules of every room, the alerts, and the one queue of actions behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from edge.actions.alerts import Alert
from edge.actions.executor import ActionExecutor
from edge.actions.following import Point
from edge.actions.plan import AlertRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.actions.states import States
from edge.actions.status import ActionStatus
from edge.actions.transports import Publish
from edge.config import Config
from edge.config.plans import RoomPlan, room_plans
from edge.daemon.alerting import Alerting, SensesNow, cause_in
from edge.daemon.health import Heartbeats
from edge.daemon.reload import Commit
from edge.daemon.rooms import Room
from edge.mood.affect import affect
from edge.publish.health import Problem
from edge.vocabulary import NONE, Mood

__all__ = ["Acting"]


class Acting:
    """Used by the main loop only. `watch` is told the topics of lights whose state is to be put back."""

    def __init__(
        self,
        *,
        config: Config,
        publish: Publish,
        tell: Callable[[Alert | None], None],
        watch: Callable[[], None],
        heartbeats: Heartbeats,
        clock: Callable[[], float],
    ) -> None:
        self._publish, self._watch = publish, watch
        self._heartbeats, self._clock = heartbeats, clock
        self._acting, self._allowed = True, config.actions.enabled
        self._firings = count(1)
        plans = room_plans(config)
        self._rules = {plan.key: self._engine(config, plan) for plan in plans}
        self.states = States()
        self._executor = self._new_executor(config)
        self._alerting = Alerting(config.actions.alarms, plans, tell)

    def start(self) -> None:
        """Begin to act."""
        self._executor.start()
        self._alerting.announce(again=True)

    def stop(self) -> None:
        """End."""
        self._executor.stop()

    def revive(self) -> None:
        """Start the thread again if it is gone."""
        self._executor.revive()

    @property
    def watched(self) -> frozenset[str]:
        """Topics on which things tell the states that are to be put back."""
        return frozenset(topic for rules in self._rules.values() for topic in rules.watched)

    @property
    def alert(self) -> Alert | None:
        """The alert to show."""
        return self._alerting.top

    def status(self) -> ActionStatus:
        """What became of the actions."""
        return self._executor.status()

    def problems(self) -> list[Problem]:
        """What is wrong with actions."""
        found = self._executor.status().problems
        return [Problem("actions", text.removeprefix("actions: ")) for text in found]

    def tick(self, now: float, wall: datetime) -> None:
        """Let time pass."""
        for room, rules in self._rules.items():
            self._act(room, rules.tick(now, wall))

    def mood_changed(self, mood: Mood, room: Room, now: float, wall: datetime) -> None:
        """An accepted change in a room."""
        rules = self._rules[room.plan.key]
        self._act(room.plan.key, rules.on_mood(mood, now, wall, room.mood.faces, room.mood.speaking))

    def follow(self, room: Room, now: float, wall: datetime) -> None:
        """Let the lights follow that are to; called about once a second."""
        point = affect(room.mood.probabilities)
        axes: Point = {"valence": point.valence, "arousal": point.arousal}
        there = None if room.mood.mood.emotion == NONE else axes
        self._act(room.plan.key, self._rules[room.plan.key].follow(there, now, wall))

    def set_enabled(self, on: bool) -> None:
        """Act, or do nothing for the time being."""
        self._acting = on
        self._executor.set_enabled(on and self._allowed)
        if not (on and self._allowed):
            self._alerting.forget()

    def look_out(self, senses: Mapping[str, SensesNow], now: float) -> None:
        """Set off and clear the alarms of senses that tell nothing; called about once a second."""
        if self._acting and self._allowed:
            self._alerting.look(senses, now)

    def acknowledge(self, cause: str | None = None) -> list[str]:
        """Somebody has noticed an alert, or all of them; the causes that were not known as noticed."""
        noticed = self._alerting.acknowledge(cause)
        for room, rules in self._rules.items():
            rules.acknowledge([name.removeprefix(cause_in(room, "")) for name in noticed if _of(room, name)])
        return noticed

    def announce_again(self) -> None:
        """A new connection knows nothing yet, and a clock that was set knows another beginning."""
        self._alerting.announce(again=True)

    def prepare(self, new: Config) -> Commit:
        """Check new rules; committing takes them over. Switched off, actions stay so."""
        plans = room_plans(new)
        rules = {plan.key: self._engine(new, plan) for plan in plans}
        executor = self._new_executor(new)

        def commit() -> None:
            self._executor.stop()
            self._rules, self._executor, self._allowed = rules, executor, new.actions.enabled
            self._alerting.reconfigure(new.actions.alarms, plans)
            self.set_enabled(self._acting)
            self._watch()
            executor.start()

        return commit

    def have_rooms(self, config: Config, plans: Sequence[RoomPlan]) -> None:
        """Other rooms from now on; the rules of those that stay go on where they are, in their profile."""
        self._rules = {plan.key: self._rules.get(plan.key) or self._engine(config, plan) for plan in plans}
        for plan in plans:
            self._rules[plan.key].set_profile(plan.profile)
        self._alerting.have_rooms(plans)
        self._alerting.announce()
        self._watch()

    def _engine(self, config: Config, plan: RoomPlan) -> RuleEngine:
        actions = config.actions.model_copy(update={"profile": plan.profile})
        return RuleEngine(
            actions, device=config.device, room=plan.level, place=plan.area, firings=self._firings
        )

    def _act(self, room: str, actions: list[PlannedAction]) -> None:
        if actions:
            shown = self._acting and self._allowed
            told = [one for one in actions if shown or not _sets_off(one)]
            others = self._alerting.take(room, told, self._clock())
            self._executor.submit([replace(one, rule=cause_in(room, one.rule)) for one in others])

    def _new_executor(self, config: Config) -> ActionExecutor:
        beat = self._heartbeats.of("actions", self._clock)
        return ActionExecutor(
            config.actions, publish=self._publish, clock=self._clock, states=self.states, beat=beat
        )


def _of(room: str, cause: str) -> bool:
    return not room or cause.startswith(f"{room}/")


def _sets_off(action: PlannedAction) -> bool:
    return isinstance(action.request, AlertRequest) and action.request.level is not None
