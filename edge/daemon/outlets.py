"""The daemon's outward side: broker and actions, behind one small surface for the main loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from edge.actions.alerts import Alert
from edge.actions.executor import ActionExecutor
from edge.actions.following import Point
from edge.actions.plan import AlertRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.actions.states import States
from edge.actions.status import ActionStatus
from edge.config import Config, resolve_password
from edge.daemon.alerting import Alerting, SensesNow
from edge.daemon.health import Health, Heartbeats
from edge.daemon.reload import Commit
from edge.mood.affect import affect
from edge.mood.people import PersonEvent
from edge.mood.room import RoomMood
from edge.publish.commands import Command
from edge.publish.health import Payload, Problem
from edge.publish.null_publisher import NullPublisher
from edge.publish.payloads import Present
from edge.publish.protocol import Publisher
from edge.publish.publisher import MqttPublisher
from edge.vocabulary import NONE, Mood, Reading

__all__ = ["Outlets"]

_THREAD: Final = "mqtt"


class Outlets:
    """Publishes and acts. Used by the main loop only. Raises ConfigError where that cannot be."""

    def __init__(
        self,
        *,
        config: Config,
        env: Mapping[str, str],
        clock: Callable[[], float],
        wall: Callable[[], float],
        on_command: Callable[[Command], None],
        heartbeats: Heartbeats | None = None,
    ) -> None:
        self._heartbeats = heartbeats or Heartbeats()
        self._env, self._clock, self._wall = env, clock, wall
        self._on_command = on_command
        self._publisher = self._new_publisher(config)
        self._acting, self._allowed = True, config.actions.enabled
        self._rules = RuleEngine(config.actions, device=config.device)
        self._states = States()
        self._executor = self._new_executor(config)
        self._alerting = Alerting(config.actions.alarms, self._tell_alert)
        self._watch()

    def start(self) -> None:
        """Begin to connect and to act."""
        self._publisher.start()
        self._executor.start()
        self._alerting.announce(again=True)

    def stop(self) -> None:
        """End what was started, in the opposite order; `offline` is published."""
        self._executor.stop()
        self._publisher.stop()

    def revive(self) -> None:
        """Start the thread of the actions again if it is gone; the publisher sees to its own."""
        self._executor.revive()

    def tick(self, now: float, wall: datetime) -> None:
        """Let time pass."""
        self._publisher.tick()
        self._act(self._rules.tick(now, wall))

    def mood_changed(self, mood: Mood, room: RoomMood, now: float, wall: datetime) -> None:
        """An accepted change: state, event and actions."""
        self._publisher.publish_mood(mood, _present(room))
        self._publisher.publish_event(mood)
        self._act(self._rules.on_mood(mood, now, wall, room.faces, room.speaking))

    def publish_state(self, room: RoomMood) -> None:
        """The mood as it stands, with who is there; sent only if something changed."""
        self._publisher.publish_mood(room.mood, _present(room))

    def publish_people(self, room: RoomMood, events: Iterable[PersonEvent]) -> None:
        """Who is there, and what became of them; sent only if something changed and it is to be told."""
        self._publisher.publish_people(room.people)
        for event in events:
            self._publisher.publish_person(event)

    def publish_reading(self, reading: Reading, health: Health) -> None:
        """A raw reading, if the configuration allows it."""
        meter = health.face if reading.modality == "face" else health.speech
        self._publisher.publish_reading(reading, backend=meter.backend or "onnx")

    def publish_health(self, payload: Payload) -> None:
        """The health message; the publisher decides whether it is due."""
        self._publisher.publish_health(payload)

    def health(self, payload: Payload) -> Mapping[str, Any]:
        """What `publish_health` would tell: the daemon's health with the connection's part."""
        return self._publisher.health(payload)

    def problems(self) -> list[Problem]:
        """What is wrong with actions; the publisher adds the broker's part itself."""
        return [
            Problem("actions", text.removeprefix("actions: ")) for text in self._executor.status().problems
        ]

    def set_actions(self, on: bool) -> None:
        """Act, or do nothing for the time being."""
        self._acting = on
        self._executor.set_enabled(on and self._allowed)
        if not (on and self._allowed):
            self._alerting.forget()

    def follow(self, room: RoomMood, now: float, wall: datetime) -> None:
        """Let the lights follow that are to; called about once a second."""
        point = affect(room.probabilities)
        axes: Point = {"valence": point.valence, "arousal": point.arousal}
        self._act(self._rules.follow(None if room.mood.emotion == NONE else axes, now, wall))

    def look_out(self, senses: SensesNow, now: float) -> None:
        """Set off and clear the alarms of senses that tell nothing; called about once a second."""
        if self._acting and self._allowed:
            self._alerting.look(senses, now, self._wall())

    def acknowledge(self, cause: str | None = None) -> list[str]:
        """Somebody has noticed an alert, or all of them; the causes that were not known as noticed."""
        return self._alerting.acknowledge(cause, self._rules)

    @property
    def alert(self) -> Alert | None:
        """The alert to show."""
        return self._alerting.top

    def publish_scores(self, room: RoomMood, now: float) -> None:
        """The numbers behind the mood, while somebody is judged and if they are to be told."""
        scores = room.scores(now)
        if scores is not None:
            self._publisher.publish_scores(scores)

    def publish_settings(self, view: Mapping[str, Any]) -> None:
        """What people have set, retained, and what there is to choose."""
        self._publisher.publish_settings(view)

    def announce(self, switch: str, on: bool) -> None:
        """Tell, retained, that a switch is now on or off."""
        self._publisher.set_switch(switch, on)

    def send(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """An action's or indicator's message, now or never; not retained."""
        return self._publisher.publish(topic, payload, qos=qos)

    def introduce(self, facts: Mapping[str, object]) -> None:
        """What this device is: versions, engines, fusion weights."""
        self._publisher.publish_info(facts)

    def connection(self) -> str:
        """One word for the status line."""
        broker = self.broker()
        if broker is None:
            return "off"
        return "connected" if broker["connected"] else "disconnected"

    def broker(self) -> Mapping[str, Any] | None:
        """All about the connection; None while MQTT is off."""
        return self._publisher.status()

    def actions(self) -> ActionStatus:
        """What became of the actions."""
        return self._executor.status()

    def prepare_publisher(self, new: Config) -> Commit:
        """Check a new connection; committing ends the old one and begins the new."""
        fresh = self._new_publisher(new)

        def commit() -> None:
            self._publisher.stop()
            self._heartbeats.forget(_THREAD)
            self._publisher = fresh
            self._watch()
            self._alerting.announce(again=True)
            fresh.start()

        return commit

    def prepare_actions(self, new: Config) -> Commit:
        """Check new rules; committing takes them over. Switched off, actions stay so."""
        rules = RuleEngine(new.actions, device=new.device)
        executor = self._new_executor(new)

        def commit() -> None:
            self._executor.stop()
            self._rules, self._executor, self._allowed = rules, executor, new.actions.enabled
            self.set_actions(self._acting)
            self._alerting.reconfigure(new.actions.alarms)
            self._watch()
            executor.start()

        return commit

    def _act(self, actions: list[PlannedAction]) -> None:
        if actions:
            shown = self._acting and self._allowed
            told = [one for one in actions if shown or not _sets_off(one)]
            self._executor.submit(self._alerting.take(told, self._wall()))

    def _new_publisher(self, config: Config) -> Publisher:
        if not config.mqtt.enabled:
            return NullPublisher()
        password = resolve_password(config.mqtt, self._env)
        return MqttPublisher(
            config=config.mqtt,
            device=config.device,
            password=password.get_secret_value() if password is not None else None,
            on_command=self._on_command,
            home_assistant=config.home_assistant,
            wall=self._wall,
            monotonic=self._clock,
            beat=self._heartbeats.of(_THREAD, self._clock),
        )

    def _new_executor(self, config: Config) -> ActionExecutor:
        beat = self._heartbeats.of("actions", self._clock)
        return ActionExecutor(
            config.actions, publish=self.send, clock=self._clock, states=self._states, beat=beat
        )

    def _tell_alert(self, alert: Alert | None) -> None:
        self._publisher.publish_alert(None if alert is None else asdict(alert))

    def _watch(self) -> None:
        """Listen to the lights whose state is to be put back."""
        self._publisher.watch(self._rules.watched, self._states.heard)


def _sets_off(action: PlannedAction) -> bool:
    return isinstance(action.request, AlertRequest) and action.request.level is not None


def _present(room: RoomMood) -> Present:
    return Present(room.faces, room.speaking, len(room.people), room.moods)
