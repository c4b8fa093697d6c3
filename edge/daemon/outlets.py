"""The daemon's outward side: broker and actions, behind one small surface for the main loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from edge.actions.alerts import Alert
from edge.config import Config, resolve_password
from edge.config.plans import room_plans
from edge.daemon.acting import Acting
from edge.daemon.health import Health, Heartbeats
from edge.daemon.reload import Commit
from edge.daemon.rooms import Room
from edge.mood.glimpse import Glimpse
from edge.mood.people import PersonEvent
from edge.mood.room import RoomMood
from edge.publish.commands import Command
from edge.publish.health import Payload
from edge.publish.null_publisher import NullPublisher
from edge.publish.payloads import Present
from edge.publish.protocol import Publisher
from edge.vocabulary import Mood, Reading

__all__ = ["Outlets"]

_THREAD: Final = "mqtt"


class Outlets:
    """Publishes, and has `acting` act. Used by the main loop only. Raises ConfigError."""

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
        self.acting = Acting(
            config=config,
            publish=self.send,
            tell=self._tell_alert,
            watch=self._watch,
            heartbeats=self._heartbeats,
            clock=clock,
        )
        self._watch()

    def start(self) -> None:
        """Begin to connect and to act."""
        self._publisher.start()
        self.acting.start()

    def stop(self) -> None:
        """End what was started, in the opposite order; `offline` is published."""
        self.acting.stop()
        self._publisher.stop()

    def revive(self) -> None:
        """Start the thread of the actions again if it is gone; the publisher sees to its own."""
        self.acting.revive()

    def tick(self, now: float, wall: datetime) -> None:
        """Let time pass."""
        self._publisher.tick()
        self.acting.tick(now, wall)

    def mood_changed(self, mood: Mood, room: Room, now: float, wall: datetime) -> None:
        """An accepted change: state, event and actions."""
        feed = self._publisher.room(room.plan.key)
        feed.publish_mood(mood, _present(room.mood))
        feed.publish_event(mood)
        self.acting.mood_changed(mood, room, now, wall)

    def glimpsed(self, glimpse: Glimpse, room: Room) -> None:
        """A short surprise."""
        self._publisher.room(room.plan.key).publish_glimpse(glimpse)

    def publish_state(self, room: Room) -> None:
        """The mood as it stands, with who is there; sent only if something changed."""
        self._publisher.room(room.plan.key).publish_mood(room.mood.mood, _present(room.mood))

    def publish_people(self, room: Room, events: Iterable[PersonEvent]) -> None:
        """Who is there, and what became of them; sent only if something changed and it is to be told."""
        feed = self._publisher.room(room.plan.key)
        feed.publish_people(room.mood.people)
        for event in events:
            feed.publish_person(event)

    def publish_reading(self, room: Room, reading: Reading, health: Health) -> None:
        """A raw reading, if the configuration allows it."""
        meter = health.face if reading.modality == "face" else health.speech
        self._publisher.room(room.plan.key).publish_reading(reading, backend=meter.backend or "onnx")

    def publish_scores(self, room: Room, now: float) -> None:
        """The numbers behind the mood, while somebody is judged and if they are to be told."""
        scores = room.mood.scores(now)
        if scores is not None:
            self._publisher.room(room.plan.key).publish_scores(scores)

    def publish_health(self, payload: Payload) -> None:
        """The health message; the publisher decides whether it is due."""
        self._publisher.publish_health(payload)

    def health(self, payload: Payload) -> Mapping[str, Any]:
        """What `publish_health` would tell: the daemon's health with the connection's part."""
        return self._publisher.health(payload)

    def publish_settings(self, view: Mapping[str, Any], rooms: Mapping[str, Mapping[str, Any]]) -> None:
        """What people have set, retained, for all rooms and in each, and what there is to choose."""
        self._publisher.publish_settings(view, rooms)

    def announce(self, switch: str, on: bool) -> None:
        """Tell, retained, that a switch is now on or off."""
        self._publisher.set_switch(switch, on)

    def keep_unstored(self, switches: Mapping[str, bool] | None) -> None:
        """Have the broker remember switches that could not be stored; None: forget them."""
        self._publisher.keep_unstored(switches)

    def send(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """An action's or indicator's message, now or never; not retained."""
        return self._publisher.publish(topic, payload, qos=qos)

    def introduce(self, facts: Mapping[str, object]) -> None:
        """What this device is: versions, engines, fusion weights, rooms."""
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

    def have_rooms(self, config: Config, former: Iterable[str] = ()) -> None:
        """Other rooms from now on; nothing is left on the broker of those that went, and of `former` ones."""
        plans = room_plans(config)
        self._publisher.have_rooms(plans, former)
        self.acting.have_rooms(config, plans)

    def prepare_publisher(self, new: Config) -> Commit:
        """Check a new connection; committing ends the old one and begins the new."""
        fresh = self._new_publisher(new)

        def commit() -> None:
            self._publisher.stop()
            self._heartbeats.forget(_THREAD)
            self._publisher = fresh
            self._watch()
            self.acting.announce_again()
            fresh.start()

        return commit

    def _new_publisher(self, config: Config) -> Publisher:
        if not config.mqtt.enabled:
            return NullPublisher()
        from edge.publish.publisher import MqttPublisher  # with the MQTT client

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
            rooms=room_plans(config),
        )

    def _tell_alert(self, alert: Alert | None) -> None:
        if alert is None:
            self._publisher.publish_alert(None)
            return
        since = self._wall() - (self._clock() - alert.since)
        self._publisher.publish_alert({**asdict(alert), "since": since})

    def _watch(self) -> None:
        """Listen to the lights whose state is to be put back."""
        self._publisher.watch(self.acting.watched, self.acting.states.heard)


def _present(room: RoomMood) -> Present:
    return Present(room.faces, room.speaking, len(room.people), room.moods, room.sure)
